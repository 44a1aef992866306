"""Records that somebody merged in a CRM: what they were linked to is one deal's now, and two that run hear of it."""

from __future__ import annotations

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.deal_client import DealClient
from dealwright.client.errors import NoSuchDeal
from gateway import deal_service
from store import intake
from store.database import Store


async def tell(
    deals: DealClient, store: Store, source: str, record: str, deal_id: str | None, fact: CheckedFact
) -> str | None:
    """Tell the deals of merged records so, and link all the records to the one that goes on; returns that one.

    That is the deal of the record that stays, unless another one runs alone. It may happen twice: the links move
    last. None where no deal is linked to any of the records.

    Raises:
        DealFinished: none of the deals runs any more.
        TemporalAway: a deal cannot be reached now.
        StoreAway: the database does not answer.
    """
    merged = fact.payload.get("merged")
    records = [str(one) for one in merged] if isinstance(merged, list | tuple) else []
    linked = [deal_id, *[await intake.linked_deal(store, source, one) for one in records]]
    known = list(dict.fromkeys(one for one in linked if one is not None))
    if not known:
        return None
    run = [one for one in known if await _runs(deals, one)]
    kept, *others = run or known[:1]
    for other in others:
        await deal_service.tell(deals, store, other, _with(fact, kept))
    await deal_service.tell(deals, store, kept, _with(fact, others[0]) if others else fact)
    for one in (record, *records):
        await intake.link(store, source, one, kept)
    return kept


async def _runs(deals: DealClient, deal_id: str) -> bool:
    try:
        return await deals.is_open(deal_id)
    except NoSuchDeal:
        return False


def _with(fact: CheckedFact, other: str) -> CheckedFact:
    """Under an id of its own: told again once the links have moved, it names nobody."""
    return CheckedFact.kept(fact.name, {**fact.payload, "id": f"{fact.id}+{other}"[:512], "deal": other})
