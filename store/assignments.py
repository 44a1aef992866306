"""Who of a pool gets a role in a deal, over all deals: in turn and by weight, within everybody's capacity.

A choice is made once for each effect: asked again, the answer is the same. Two of one pool are made one after the
other, whichever workers make them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.candidates import Candidate
from dealwright.effects import ChooseOwner, Outcome
from dealwright.entries import CommandTaken, Entry, FactTaken, OwnerChanged, OwnerChosen, OwnerCounted
from store import people_away
from store.database import Store
from store.pool_tables import assignments, pool_turns
from store.tables import finished_deals
from store.whose_turn import Turn, next_turn, turns, who_is_there

_LOOK_AGAIN_AFTER, _AT_THE_LATEST = timedelta(hours=1), timedelta(days=1)
"""How long a choice is put off while nobody can be chosen: as long again as it has waited by then, between these."""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(CAST(:keys AS text[])) AS key")


@dataclass(frozen=True)
class Choice:
    """A choice that is to be made for a deal."""

    deal_id: str
    effect: ChooseOwner


@dataclass(frozen=True)
class Chosen:
    """Who was chosen, by ``Person.key``, and why it is them."""

    person: str
    why: str


async def choose(store: Store, connection: AsyncConnection, choice: Choice, now: datetime) -> Outcome | None:
    """Choose somebody, in the caller's transaction. What becomes of the effect instead; None when somebody is chosen.

    Until the transaction ends nobody else can choose from the same pool, or count on the same person's room.
    """
    effect = choice.effect
    await _lock(store, connection, effect)
    if (await connection.execute(_chosen_by(effect.id))).one_or_none() is not None:
        return None
    chosen = await _choose(store, connection, choice, now)
    if chosen is not None:
        await _keep(store, connection, choice, chosen, now)
        return None
    reason = (
        f"nobody in {effect.pool} can take it: the deal is in no territory, or all are away or have as many as they can"
    )
    waits = effect.waits and any(one.fits for one in effect.candidates)
    return Outcome(
        effect=effect.id, kind=effect.kind, status="deferred" if waits else "skipped", reason=reason,
        until=now + _wait(effect, now) if waits else None,
    )  # fmt: skip


def _wait(effect: ChooseOwner, now: datetime) -> timedelta:
    return min(max(now - (effect.since or now), _LOOK_AGAIN_AFTER), _AT_THE_LATEST)


async def find(store: Store, effect_id: str) -> Chosen | None:
    """Whom an effect chose; None when it has chosen nobody, or another one has for its deal and role since.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        row = (await connection.execute(_chosen_by(effect_id))).one_or_none()
    return None if row is None else Chosen(row.person, row.why)


def _chosen_by(effect_id: str) -> Select[tuple[str, str]]:
    return select(assignments.c.person, assignments.c.why).where(assignments.c.effect_id == effect_id)


async def loads(connection: AsyncConnection, people: Sequence[str] | None = None) -> dict[str, int]:
    """How many open deals people have that were assigned to them, by ``Person.key``; of all of them without a list."""
    over = exists().where(finished_deals.c.deal_id == assignments.c.deal_id)
    count = select(assignments.c.person, func.count(assignments.c.deal_id.distinct()).label("deals"))
    count = count.where(assignments.c.counts, ~over)
    if people is not None:
        count = count.where(assignments.c.person.in_(people))
    found = await connection.execute(count.group_by(assignments.c.person))
    return {row.person: row.deals for row in found}


async def follow(connection: AsyncConnection, deal_id: str, entries: Sequence[Entry]) -> None:
    """Count a deal as that of whoever holds the role by now, in the caller's transaction."""
    a = assignments.c
    for entry in entries:
        for role, person in _given_in(entry).items():
            newer = (a.deal_id == deal_id, a.role == role, a.told_by < entry.number)
            await connection.execute(update(assignments).where(*newer).values(person=person, told_by=entry.number))
        if isinstance(entry, OwnerCounted):
            newer = (a.deal_id == deal_id, a.role == entry.role, a.counted_by < entry.number)
            counted = {"counts": entry.counts, "counted_by": entry.number}
            await connection.execute(update(assignments).where(*newer).values(**counted))


def _given_in(entry: Entry) -> dict[str, str]:
    """The roles that an entry gives to somebody."""
    match entry:
        case OwnerChanged(person=person) if person is not None:
            return {entry.role: person.key}
        case OwnerChosen():
            return {entry.role: entry.person.key}
        case CommandTaken(learned=learned) | FactTaken(learned=learned) if learned is not None:
            return {role: person.key for role, person in (learned.owners or {}).items()}
    return {}


async def _lock(store: Store, connection: AsyncConnection, effect: ChooseOwner) -> None:
    if store.embedded:
        return  # it has one writer at a time
    people = [f"member:{one.person.key}" for one in effect.candidates if one.capacity is not None]
    # In one order over all transactions, so that two which share two of these cannot wait for each other.
    await connection.execute(_LOCK, {"keys": sorted({f"pool:{effect.playbook}/{effect.pool}", *people})})


async def _choose(store: Store, connection: AsyncConnection, choice: Choice, now: datetime) -> Chosen | None:
    effect = choice.effect
    if effect.keeps is not None:
        return Chosen(effect.keeps.key, "has the role already")
    gone = await people_away.away_at(connection, [one.person.key for one in effect.candidates], now)
    if effect.account_first and (owner := await _account_owner(connection, choice)) is not None:
        there = who_is_there(effect, owner, gone)
        if there is not None:
            return Chosen(there.person.key, "has the account" + _instead_of(owner, there))
    load = await _loads_where_they_count(connection, effect)
    able = turns(effect, load, gone)
    if not able:
        return None
    if effect.by == "load":
        turn = min(able, key=lambda one: load.get(one.taken_by.person.key, 0) / one.taken_by.weight)
        why = "has the fewest open deals"
    else:
        turn, why = await _whose_turn(store, connection, effect, able), "it was their turn"
    return Chosen(turn.taken_by.person.key, why + _instead_of(turn.of.person.key, turn.taken_by))


def _instead_of(key: str, taken_by: Candidate) -> str:
    return "" if taken_by.person.key == key else f", for {key}, who is away"


async def _loads_where_they_count(connection: AsyncConnection, effect: ChooseOwner) -> dict[str, int]:
    counts = [one for one in effect.candidates if effect.by == "load" or one.capacity is not None]
    return await loads(connection, [one.person.key for one in counts]) if counts else {}


async def _account_owner(connection: AsyncConnection, choice: Choice) -> str | None:
    """Who of the pool was chosen last for another deal of the account."""
    effect = choice.effect
    known = (assignments.c.account == effect.account, assignments.c.role == effect.role)
    members = assignments.c.person.in_([one.person.key for one in effect.candidates])
    statement = select(assignments.c.person).where(*known, members, assignments.c.deal_id != choice.deal_id)
    last: str | None = await connection.scalar(statement.order_by(assignments.c.at.desc()).limit(1))
    return last


async def _whose_turn(store: Store, connection: AsyncConnection, effect: ChooseOwner, able: Sequence[Turn]) -> Turn:
    of_pool = (pool_turns.c.playbook == effect.playbook, pool_turns.c.pool == effect.pool)
    found = await connection.execute(select(pool_turns.c.member, pool_turns.c.credit).where(*of_pool))
    before = {row.member: row.credit for row in found}
    chosen, credit = next_turn(before, {one.of.person.key: one.of.weight for one in able})
    insert = store.insert(pool_turns)
    keep = insert.on_conflict_do_update(
        index_elements=["playbook", "pool", "member"], set_={"credit": insert.excluded.credit}
    )
    pool = {"playbook": effect.playbook, "pool": effect.pool}
    await connection.execute(keep, [{**pool, "member": member, "credit": left} for member, left in credit.items()])
    return next(one for one in able if one.of.person.key == chosen)


async def _keep(store: Store, connection: AsyncConnection, choice: Choice, chosen: Chosen, now: datetime) -> None:
    effect = choice.effect
    values = {
        "effect_id": effect.id, "playbook": effect.playbook, "pool": effect.pool, "person": chosen.person,
        "why": chosen.why, "account": effect.account, "at": now, "told_by": 0, "counts": True, "counted_by": 0,
    }  # fmt: skip
    insert = store.insert(assignments).values(deal_id=choice.deal_id, role=effect.role, **values)
    await connection.execute(insert.on_conflict_do_update(index_elements=["deal_id", "role"], set_=values))
