"""Pools as people look at them: who got how many deals, and how many of them are open."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import case, exists, func, select

from store import people_away
from store.database import Store
from store.pool_tables import assignments
from store.tables import finished_deals


class MemberLoad(BaseModel):
    """How many deals somebody has from a pool."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    playbook: str
    pool: str
    person: str
    open: int
    """Deals that are open, and count as theirs."""
    all: int
    """Deals that they have, or had at their end."""
    away_until: AwareDatetime | None = None
    """When they are back, as somebody said, if that is ahead."""


async def member_loads(store: Store, now: datetime) -> list[MemberLoad]:
    """Everybody who has a deal from a pool, by playbook and pool, who has the most open ones first.

    Raises:
        StoreAway: the database does not answer.
    """
    a = assignments.c
    over = exists().where(finished_deals.c.deal_id == a.deal_id)
    still_open = func.sum(case((over | ~a.counts, 0), else_=1)).label("open")
    columns = (a.playbook, a.pool, a.person)
    statement = select(*columns, still_open, func.count().label("all")).group_by(*columns)
    async with store.reading() as connection:
        found = await connection.execute(statement.order_by(a.playbook, a.pool, still_open.desc(), a.person))
        loads = [MemberLoad.model_validate(row) for row in found]
    back = {one.person: one.until for one in await people_away.everybody(store) if one.until > now}
    return [one.model_copy(update={"away_until": back.get(one.person)}) for one in loads]
