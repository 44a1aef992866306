"""What lists and messages say of a deal: who has it, what comes next. It is worked out from the deal's journal.

A summary is made when it is asked for and the journal has gone on since, and kept until it goes on again: folding a
story with each line that is written would cost more than all the rest of writing it. It lags as the journal does, by
some seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import func, select

from dealwright.deal import Person
from dealwright.entries import Entry
from dealwright.fold import fold
from dealwright.state import DealState
from dealwright.values.addresses import key_of
from dealwright.waits import next_wait
from store.database import Store
from store.tables import journal
from store.work_tables import deal_summaries as table

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


class DealSummary(BaseModel):
    """A deal in a few words."""

    model_config = ConfigDict(frozen=True)

    title: str | None = None
    account: str | None = None
    """The company's name."""
    amount: str | None = None
    """With its currency, for people."""
    owner: str | None = None
    """The name of whoever holds the role that has the deal now."""
    next_action: str | None = None
    next_at: AwareDatetime | None = None
    people: tuple[Person, ...] = ()
    """Who holds its roles."""

    def person(self, key: str) -> Person | None:
        """Whoever of its people has an address (in its normal form), if anybody has."""
        return next((one for one in self.people if one.email and key_of(one.email) == key), None)


async def summaries_of(store: Store, deal_ids: Sequence[str]) -> dict[str, DealSummary]:
    """The summaries of these deals, by id; none of a deal without a journal.

    Raises:
        StoreAway: the database does not answer.
    """
    wanted = sorted(set(deal_ids))
    if not wanted:
        return {}
    last, lines = func.max(journal.c.seq).label("last"), func.count().label("lines")
    marks = select(journal.c.deal_id, last, lines).where(journal.c.deal_id.in_(wanted)).group_by(journal.c.deal_id)
    async with store.reading() as connection:
        now = {row.deal_id: (row.last, row.lines) for row in await connection.execute(marks)}
        kept = (await connection.execute(select(table).where(table.c.deal_id.in_(wanted)))).all()
    fresh = {row.deal_id: row for row in kept if now.get(row.deal_id) == (row.last, row.lines)}
    found = {deal_id: DealSummary.model_validate(row.summary) for deal_id, row in fresh.items()}
    for deal_id in now.keys() - fresh.keys():
        found[deal_id] = await _made(store, deal_id)
    return found


async def _made(store: Store, deal_id: str) -> DealSummary:
    story = select(journal.c.seq, journal.c.entry).where(journal.c.deal_id == deal_id).order_by(journal.c.number)
    async with store.reading() as connection:
        rows = (await connection.execute(story)).all()
    summary = await asyncio.to_thread(summary_of, [row.entry for row in rows])
    mark = {"last": max(row.seq for row in rows), "lines": len(rows), "summary": summary.model_dump(mode="json")}
    insert = store.insert(table).values(deal_id=deal_id, **mark)
    async with store.writing() as connection:
        await connection.execute(insert.on_conflict_do_update(index_elements=["deal_id"], set_=mark))
    return summary


def summary_of(entries: Sequence[object]) -> DealSummary:
    """What a deal's entries, as the journal has them, come to."""
    state = DealState()
    for entry in entries:
        fold(state, _ENTRY.validate_python(entry))
    deal, upcoming = state.deal, next_wait(state)
    owners = deal.owners or {} if deal else {}
    owner = owners.get(state.owner_role or "")
    amount = deal and (deal.amount or (deal.proposal and deal.proposal.amount))
    return DealSummary(
        title=deal.title if deal else None,
        account=deal.account.name if deal and deal.account else None,
        amount=str(amount) if amount else None,
        owner=owner.name if owner else None,
        next_action=upcoming.what if upcoming else None,
        next_at=upcoming.at if upcoming else None,
        people=tuple(owners.values()),
    )
