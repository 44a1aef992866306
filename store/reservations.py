"""The last checks before a hand-over, those that need the whole database: suppression, caps, too late.

Touches count against a cap from before they are handed over, at the times of the deals that make them. No
span of ``per``, wherever it begins, gets more than ``most`` touches: a touch also counts those that a deal
with a clock ahead of its own has made.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from deals.addresses import normal
from deals.effects import Cap, Outcome
from store.database import Store
from store.tables import reservations, suppression

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(CAST(:keys AS text[])) AS key")


@dataclass(frozen=True, kw_only=True)
class LastChecks:
    """What may still forbid a hand-over. ``marketing_to`` is the address that must not be suppressed."""

    not_after: datetime | None = None
    marketing_to: str | None = None
    caps: tuple[Cap, ...] = ()


async def check(store: Store, connection: AsyncConnection, checks: LastChecks, now: datetime) -> Outcome | None:
    """What becomes of the effect instead of a hand-over; None when nothing forbids it.

    Until the transaction ends nobody else can reserve against the same caps.
    """
    if checks.not_after is not None and now > checks.not_after:
        return _instead("skipped", f"too late: it was to be handed over by {checks.not_after:%a %d %b %Y %H:%M} UTC")
    if checks.caps and not store.embedded:
        # In one order over all transactions, so that two which share two caps cannot wait for each other.
        await connection.execute(_LOCK, {"keys": sorted({f"cap:{cap.scope}:{cap.key}" for cap in checks.caps})})
    if not checks.caps and checks.marketing_to is None:
        return None
    question, asked = _question(len(checks.caps), marketing=checks.marketing_to is not None), _asked(checks, now)
    answers = (await connection.execute(question, asked)).one()
    if checks.marketing_to is not None and answers[-1] is not None:
        return _instead("skipped", f"the address gets no marketing: {answers[-1]}")
    tight = [cap for cap, count in zip(checks.caps, answers, strict=False) if count >= cap.most]
    room = [(await _room_from(connection, cap, now), cap) for cap in tight]
    until, cap = max(room, key=lambda found: found[0], default=(now, None))
    if cap is None or until <= now:
        return None
    reason = f"the {cap.scope} has its {cap.most} touches within {_words(cap.per)}"
    return _instead("deferred", reason).model_copy(update={"until": until})


async def reserve(connection: AsyncConnection, effect_id: str, caps: Sequence[Cap], now: datetime) -> None:
    """Count a touch against its caps, from ``now`` on."""
    keys = sorted({(cap.scope, cap.key) for cap in caps})
    rows = [{"effect_id": effect_id, "scope": scope, "key": key, "at": now} for scope, key in keys]
    if rows:
        await connection.execute(reservations.insert(), rows)


async def give_back(connection: AsyncConnection, effect_id: str) -> None:
    """Count a touch no longer: nothing was handed over."""
    await connection.execute(delete(reservations).where(reservations.c.effect_id == effect_id))


def room_from(touches: Sequence[datetime], cap: Cap, now: datetime) -> datetime:
    """The first time from ``now`` on at which one more touch keeps to the cap; ``touches`` are sorted."""
    if cap.most < 1:
        return now + cap.per
    return next(at for at in (now, *(touch + cap.per for touch in touches)) if at >= now and _fits(touches, cap, at))


def _fits(touches: Sequence[datetime], cap: Cap, at: datetime) -> bool:
    place = bisect_left(touches, at)
    around = [*touches[max(place - cap.most, 0) : place], at, *touches[place : place + cap.most]]
    spans = zip(around, around[cap.most :], strict=False)
    return all(last - first >= cap.per for first, last in spans)


async def _room_from(connection: AsyncConnection, cap: Cap, now: datetime) -> datetime:
    touches = (await connection.scalars(_TOUCHES, _span(cap, now, 0))).all()
    return room_from(touches, cap, now)


def _near(place: int) -> tuple[ColumnElement[bool], ...]:
    touch = reservations.c
    return (
        touch.scope == bindparam(f"scope_{place}"),
        touch.key == bindparam(f"key_{place}"),
        touch.at > bindparam(f"after_{place}"),
        touch.at < bindparam(f"before_{place}"),
    )


def _span(cap: Cap, now: datetime, place: int) -> dict[str, object]:
    return {
        f"scope_{place}": cap.scope,
        f"key_{place}": cap.key,
        f"after_{place}": now - cap.per,
        f"before_{place}": now + cap.per,
    }


_TOUCHES = select(reservations.c.at).where(*_near(0)).order_by(reservations.c.at)


@functools.cache
def _question(caps: int, *, marketing: bool) -> Select[*tuple[Any, ...]]:
    """How many touches are near, for each cap; and why the address is suppressed."""
    near = (select(func.count()).select_from(reservations).where(*_near(place)) for place in range(caps))
    answers: list[ScalarSelect[object]] = [count.scalar_subquery() for count in near]
    if marketing:
        listed = select(suppression.c.reason).where(suppression.c.address == bindparam("address"))
        answers.append(listed.scalar_subquery())
    return select(*answers)


def _asked(checks: LastChecks, now: datetime) -> dict[str, object]:
    asked: dict[str, object] = {}
    for place, cap in enumerate(checks.caps):
        asked |= _span(cap, now, place)
    if checks.marketing_to is not None:
        asked["address"] = normal(checks.marketing_to)
    return asked


def _instead(status: str, reason: str) -> Outcome:
    return Outcome(effect="", kind="", status=status, reason=reason)


def _words(per: timedelta) -> str:
    days = per / timedelta(days=1)
    return f"{days:g} day{'' if days == 1 else 's'}" if days >= 1 else str(per)
