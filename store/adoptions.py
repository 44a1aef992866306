"""Runs in which many deals adopt a playbook: what is done is kept, so that a run that was broken off goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from sqlalchemy import func, insert, select, update

from store.database import Store
from store.errors import UnknownAdoption
from store.playbook_tables import adopting_deals, adoptions

State = Literal["waiting", "asked", "adopted", "planned", "followed", "refused", "gone"]
Back = Literal["asked", "went_back", "left", "moved_on", "refused", "gone"]
TO_DO: tuple[State, ...] = ("waiting", "asked")
"""Deals that are not done: not come to yet, or asked and not known to have decided."""
CHANGED: tuple[State, ...] = ("adopted", "planned")


class Adoption(BaseModel):
    """A run: which playbook, by whom, and which deals were chosen how."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    run: str
    playbook: str
    bundle: str
    which: dict[str, JsonValue]
    """How the deals were chosen; the same choice, while anything is left to do, goes on with the run."""
    comes: Literal["now", "next_stage"]
    by: str
    why: str
    begun_at: AwareDatetime


class AdoptingDeal(BaseModel):
    """One deal of a run."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    deal_id: str
    state: State
    before: str | None = None
    """The hash of the bundle that it followed."""
    said: str | None = None
    """What the deal answered, or why it could not be asked."""
    back: Back | None = None
    """What became of the way back; None while nobody has asked for it."""


async def begin(store: Store, adoption: Adoption, deal_ids: Iterable[str]) -> None:
    """Keep a new run with its deals.

    Raises:
        StoreAway: the database does not answer.
    """
    rows = [{"run": adoption.run, "deal_id": deal_id, "state": "waiting"} for deal_id in deal_ids]
    async with store.writing() as connection:
        await connection.execute(insert(adoptions), adoption.model_dump())
        if rows:
            await connection.execute(insert(adopting_deals), rows)


async def unfinished(store: Store, like: Adoption) -> Adoption | None:
    """The newest run of the same playbook, deals and time that has something left to do, if there is one."""
    to_do = select(adopting_deals.c.run).where(adopting_deals.c.state.in_(TO_DO))
    same = (adoptions.c.bundle == like.bundle, adoptions.c.comes == like.comes, adoptions.c.run.in_(to_do))
    async with store.reading() as connection:
        rows = await connection.execute(select(adoptions).where(*same).order_by(adoptions.c.begun_at.desc()))
        return next((one for one in map(Adoption.model_validate, rows) if one.which == like.which), None)


async def find(store: Store, run: str) -> Adoption:
    """The run.

    Raises:
        UnknownAdoption: there is none of that id.
    """
    async with store.reading() as connection:
        row = (await connection.execute(select(adoptions).where(adoptions.c.run == run))).one_or_none()
    if row is None:
        raise UnknownAdoption(run)
    return Adoption.model_validate(row)


async def deals_of(store: Store, run: str) -> list[AdoptingDeal]:
    """All deals of a run, in the order of their ids."""
    statement = select(adopting_deals).where(adopting_deals.c.run == run).order_by(adopting_deals.c.deal_id)
    async with store.reading() as connection:
        return [AdoptingDeal.model_validate(row) for row in await connection.execute(statement)]


async def note(store: Store, run: str, deal: AdoptingDeal) -> None:
    """Keep how far a deal of a run has come."""
    this = (adopting_deals.c.run == run, adopting_deals.c.deal_id == deal.deal_id)
    async with store.writing() as connection:
        await connection.execute(update(adopting_deals).where(*this).values(deal.model_dump(exclude={"deal_id"})))


async def runs(store: Store, limit: int = 50) -> list[tuple[Adoption, Mapping[str, int]]]:
    """The last runs, the newest first, each with how many of its deals have come how far."""
    counts = select(adopting_deals.c.run, adopting_deals.c.state, func.count().label("deals"))
    async with store.reading() as connection:
        newest = select(adoptions).order_by(adoptions.c.begun_at.desc(), adoptions.c.run).limit(limit)
        found = [Adoption.model_validate(row) for row in await connection.execute(newest)]
        told: dict[str, dict[str, int]] = {}
        for row in await connection.execute(counts.group_by(adopting_deals.c.run, adopting_deals.c.state)):
            told.setdefault(row.run, {})[row.state] = row.deals
    return [(one, told.get(one.run, {})) for one in found]


def named(now: datetime, suffix: str) -> str:
    """The id of a run that begins now: people type it."""
    return f"{now:%Y%m%d-%H%M%S}-{suffix}"
