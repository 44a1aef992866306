"""Events that name no deal: found by the people who take part, where only one deal can be meant."""

from __future__ import annotations

from store import intake
from store.database import Store
from store.deal_contacts import deals_with
from store.intake import IntakeRow


async def deal_of(store: Store, row: IntakeRow) -> str | None:
    """The one deal that knows one of an event's people, from now on linked to the event's object; None otherwise.

    What is asked is which deals were open when the event came, and which were opened since: a deal that ends does not
    make another one the only one.

    Raises:
        StoreAway: the database does not answer.
    """
    if row.deal_ref is None:
        return None
    if (linked := await intake.linked_deal(store, row.source, row.deal_ref)) is not None:
        return linked  # somebody said so meanwhile
    deals = await deals_with(store, row.contacts, row.received_at)
    if len(deals) != 1:
        return None
    await intake.link(store, row.source, row.deal_ref, deals[0])
    return deals[0]


async def why_none(store: Store, row: IntakeRow) -> str:
    """Why no deal was found by an event's people, in a sentence; nothing where it has none.

    Raises:
        StoreAway: the database does not answer.
    """
    if not row.contacts:
        return ""
    deals = await deals_with(store, row.contacts, row.received_at)
    return f" Who takes part is known to {', '.join(deals) or 'no open deal'}."
