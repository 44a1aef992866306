"""Opens and tells deals for the routes and the dispatcher: Temporal first, then what the store knows.

The store knows finished deals that Temporal has forgotten, published playbooks, and whom an opt-out silences.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.deal_client import DealClient
from dealwright.client.errors import DealFinished, NoSuchDeal, TemporalAway, TemporalRefused
from dealwright.client.opening import OpenedDeal
from dealwright.commands import Command
from dealwright.deal import Deal
from dealwright.decision import Verdict
from dealwright.entries import FactTaken
from dealwright.facts import Fact
from dealwright.values.addresses import same
from gateway.declared_words import check_opening
from store import bundles, journal
from store.database import Store
from store.finished import finished


async def open_deal(deals: DealClient, store: Store, deal: Deal, playbook: str) -> OpenedDeal:
    """Open a deal that can be let in; one that runs already with the same content is returned.

    Raises:
        BadDeal: its playbook does not know where it comes from, or the fields that it has.
        DealFinished: the id belonged to a deal whose life is over, whether or not Temporal still knows it.
        UnknownPlaybook: nobody published a playbook of this name.
        DealExists: the id is taken by a deal with other content.
        TemporalAway: Temporal did not answer.
        TemporalRefused: the deal is too large.
        StoreAway: the database does not answer.
    """
    if await finished(store, deal.id) is not None:
        raise DealFinished(deal.id)
    await check_opening(store, await bundles.resolve(store, playbook), deal)
    return await deals.open(deal, playbook, until_decided=timedelta())  # what could be refused was looked up


async def check_known(deals: DealClient, store: Store, deal_id: str) -> None:
    """Make sure that there is, or was, a deal of this id. While Temporal is away, whoever asks is believed.

    Raises:
        NoSuchDeal: there never was, as far as anybody knows.
        StoreAway: the database does not answer.
    """
    try:
        await deals.is_open(deal_id)
    except TemporalAway:
        return
    except NoSuchDeal:
        if await finished(store, deal_id) is None:
            raise


async def tell(
    deals: DealClient, store: Store, deal_id: str, fact: Fact | CheckedFact, *, may_read: bool = True
) -> str:
    """Tell a deal a fact; returns the fact's id.

    A finished deal takes none. If the fact ends marketing to an address, the address is put on the suppression list
    here, and the error says so. So it is when the fact cannot be delivered, or no deal of this id is known: whoever
    wants no more mail does not wait for a deal. ``may_read``: whether whoever tells it may hear whose address it is.

    Raises:
        BadDeal: what the fact teaches cannot be let in.
        DealFinished: the deal's life is over, whether or not Temporal still knows it.
        NoSuchDeal: no deal of this id is known.
        TemporalAway: Temporal did not answer.
        TemporalRefused: the fact is too large.
        StoreAway: the database does not answer.
    """
    checked = CheckedFact.of(fact)
    try:
        return await deals.record(deal_id, checked)
    except TemporalRefused:
        await silence(store, deal_id, checked.content())
        raise
    except TemporalAway as error:
        if not (note := await silence(store, deal_id, checked.content(), may_read=may_read)):
            raise
        raise TemporalAway(error.cause, error.attempt, note) from error
    except (DealFinished, NoSuchDeal) as error:
        note = await silence(store, deal_id, checked.content(), may_read=may_read)
        over = await finished(store, deal_id)
        if isinstance(error, NoSuchDeal) and over is None:
            raise NoSuchDeal(deal_id, note) from error
        if over is not None and checked.content().is_for_a_person:  # Temporal has forgotten the deal
            await deals.go_on(deal_id, checked)
            return checked.id
        raise DealFinished(deal_id, note) from error


async def command(deals: DealClient, store: Store, deal_id: str, order: Command, command_id: str) -> Verdict:
    """Give a deal a command, one whose life is over too if the command is for such.

    Raises:
        DealFinished, NoSuchDeal, TemporalAway, and others: see ``DealClient.command``.
        StoreAway: the database does not answer.
    """
    try:
        return await deals.command(deal_id, order, command_id=command_id)
    except NoSuchDeal:
        if not order.counts_after_the_end or await finished(store, deal_id) is None:
            raise
        await deals.go_on(deal_id)
        return await deals.command(deal_id, order, command_id=command_id)


async def silence(store: Store, deal_id: str, fact: Fact, *, may_read: bool = True) -> str:
    """Put the address of whoever opted out or bounced on the suppression list; returns what was done, in words.

    For a fact that its deal does not hear of, now or ever. ``deal_id`` may be one that no deal has. Who may not read
    deals is told no address but the one that the fact names.

    Raises:
        StoreAway: the database does not answer.
    """
    fact = fact.tells_also() or fact
    now, given = datetime.now(UTC), vars(fact)
    late = FactTaken(
        at=now, fact=fact.name, variant=fact.variant, happened_at=fact.at or now, contact=given.get("contact"),
        address=given.get("address"), touch=given.get("touch"),
    )  # fmt: skip
    address = await journal.suppress_addresses(store, deal_id, late) if late.silences else None
    shown = address if may_read or same(given.get("address") or "", address) else "Their address"
    return f"{shown} gets no more marketing from any deal, all the same." if address else ""
