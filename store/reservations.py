"""The last checks before an effect is handed over: suppression, absence, caps, too late.

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
from typing import Any, get_args

from sqlalchemy import ColumnElement, ScalarSelect, Select, Table, bindparam, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.effects import Cap, Outcome
from dealwright.entries import COOLED_ACCOUNT, COOLED_CONTACT, CoolOffBegan
from dealwright.facts.outreach import Channel
from dealwright.values.addresses import key_of, normal
from store import assignments, reaching
from store.assignments import Choice
from store.database import Store
from store.reaching import Reach
from store.tables import away, reservations, suppression, undeliverable

_AWAY = "they are away, as another deal was told"
_LEFT_ALONE = {
    COOLED_ACCOUNT: "their company is left alone for a while, as a deal said",
    COOLED_CONTACT: "they are left alone for a while, as a deal said",
}
_CLOCKS_DIFFER_BY = timedelta(hours=1)
"""What was told later than that on a deal's own clock was told by one whose clock is far ahead: not yet true here."""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(CAST(:keys AS text[])) AS key")


@dataclass(frozen=True, kw_only=True)
class LastChecks:
    """What may still forbid a hand-over.

    ``mail_to`` is the address of a message, or the number of a text message: it must not have bounced, whoever has it
    must not be away, and it gets marketing only if it is not suppressed.
    """

    not_after: datetime | None = None
    mail_to: str | None = None
    marketing: bool = True
    caps: tuple[Cap, ...] = ()
    reach: Reach | None = None
    """Whom a person is to reach, where that is what the effect asks for."""
    choice: Choice | None = None
    """Whom of a pool to choose, where that is what the effect does."""


async def check(store: Store, connection: AsyncConnection, checks: LastChecks, now: datetime) -> Outcome | None:
    """What becomes of the effect instead of a hand-over; None when nothing forbids it.

    Until the transaction ends nobody else can reserve against the same caps.
    """
    if checks.not_after is not None and now > checks.not_after:
        return _instead("skipped", f"too late: it was to be handed over by {checks.not_after:%a %d %b %Y %H:%M} UTC")
    if checks.choice is not None:
        return await assignments.choose(store, connection, checks.choice, now)
    if checks.caps and not store.embedded:
        # In one order over all transactions, so that two which share two caps cannot wait for each other.
        await connection.execute(_LOCK, {"keys": sorted({f"cap:{cap.scope}:{key_of(cap.key)}" for cap in checks.caps})})
    if checks.reach is not None:
        kept = await reaching.check(connection, checks.reach, now, now + _CLOCKS_DIFFER_BY)
        if kept is not None:
            return kept
    if not checks.caps and checks.mail_to is None:
        return None
    list_ = None if checks.mail_to is None else suppression if checks.marketing else undeliverable
    answers = (await connection.execute(_checks_query(len(checks.caps), list_), _query_parameters(checks, now))).one()
    if checks.mail_to is not None and answers[-3] is not None:
        what = "marketing" if checks.marketing else "mail"
        return _instead("skipped", f"the address gets no {what}: {answers[-3]}")
    tight = [cap for cap, count in zip(checks.caps, answers, strict=False) if count >= cap.most]
    waits = [_cap_reached(cap, await _free_from(connection, cap, now)) for cap in tight]
    if checks.mail_to is not None and answers[-2] is not None:
        waits.append(_instead("deferred", _AWAY).model_copy(update={"until": answers[-2], "away_since": answers[-1]}))
    longest = max(waits, key=lambda wait: wait.until or now, default=None)
    return longest if longest is not None and (longest.until or now) > now else None


async def reserve(connection: AsyncConnection, effect_id: str, caps: Sequence[Cap], now: datetime) -> None:
    """Count a touch against its caps, from ``now`` on."""
    keys = sorted({(cap.scope, key_of(cap.key)) for cap in caps if cap.counts})
    rows = [{"effect_id": effect_id, "scope": scope, "key": key, "at": now} for scope, key in keys]
    if rows:
        await connection.execute(reservations.insert(), rows)


async def leave_alone(store: Store, connection: AsyncConnection, deal_id: str, entry: CoolOffBegan) -> None:
    """Let messages to those people and their account wait from then on, in the caller's transaction."""
    scoped = [(COOLED_CONTACT, address) for address in entry.addresses]
    scoped += [(COOLED_ACCOUNT, entry.account)] if entry.account else []
    keys = sorted({(scope, key_of(key)) for scope, key in scoped})
    effect = f"{deal_id}/cool-off/{entry.number}"
    rows = [{"effect_id": effect, "scope": scope, "key": key, "at": entry.at} for scope, key in keys]
    if rows:
        await connection.execute(store.insert_new(reservations), rows)


async def answered(connection: AsyncConnection, addresses: Sequence[str], at: datetime) -> None:
    """Leave those people alone no longer, nor whoever was left alone with them: one of them wrote at that time."""
    rows = reservations.c
    theirs = (rows.scope == COOLED_CONTACT, rows.key.in_(sorted(map(key_of, addresses))), rows.at <= at)
    await connection.execute(delete(reservations).where(rows.effect_id.in_(select(rows.effect_id).where(*theirs))))


async def release(connection: AsyncConnection, effect_id: str) -> None:
    """Count a touch no longer: nothing was handed over."""
    await connection.execute(delete(reservations).where(reservations.c.effect_id == effect_id))


def next_free_time(touches: Sequence[datetime], cap: Cap, now: datetime) -> datetime:
    """The first time from ``now`` on at which one more touch keeps to the cap; ``touches`` are sorted."""
    if cap.most < 1:
        return now + cap.per
    return next(at for at in (now, *(touch + cap.per for touch in touches)) if at >= now and _fits(touches, cap, at))


def _fits(touches: Sequence[datetime], cap: Cap, at: datetime) -> bool:
    place = bisect_left(touches, at)
    around = [*touches[max(place - cap.most, 0) : place], at, *touches[place : place + cap.most]]
    spans = zip(around, around[cap.most :], strict=False)
    return all(last - first >= cap.per for first, last in spans)


def _cap_reached(cap: Cap, until: datetime) -> Outcome:
    reason = (
        _LEFT_ALONE.get(cap.scope)
        or _by_channel(cap)
        or f"the {cap.scope} has its {cap.most} touches within {_words(cap.per)}"
    )
    return _instead("deferred", reason).model_copy(update={"until": until})


def _by_channel(cap: Cap) -> str | None:
    if cap.scope not in get_args(Channel):
        return None
    return f"they were reached by {cap.scope} {cap.most} times within {_words(cap.per)}, in all deals"


async def _free_from(connection: AsyncConnection, cap: Cap, now: datetime) -> datetime:
    touches = (await connection.scalars(_TOUCHES, _span(cap, now, 0))).all()
    return next_free_time(touches, cap, now)


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
        f"key_{place}": key_of(cap.key),
        f"after_{place}": now - cap.per,
        f"before_{place}": now + cap.per,
    }


_TOUCHES = select(reservations.c.at).where(*_near(0)).order_by(reservations.c.at)


@functools.cache
def _checks_query(caps: int, list_: Table | None) -> Select[*tuple[Any, ...]]:
    """How many touches are near, for each cap; why the address is suppressed; until when, since when they are away."""
    near = (select(func.count()).select_from(reservations).where(*_near(place)) for place in range(caps))
    answers: list[ScalarSelect[object]] = [count.scalar_subquery() for count in near]
    if list_ is not None:
        listed = select(list_.c.reason).where(list_.c.address == bindparam("address"))
        gone = (away.c.address == bindparam("address"), away.c.until > bindparam("now"))
        heard = away.c.told_at <= bindparam("heard_by")
        absent = (select(column).where(*gone, heard).scalar_subquery() for column in (away.c.until, away.c.told_at))
        answers += [listed.scalar_subquery(), *absent]
    return select(*answers)


def _query_parameters(checks: LastChecks, now: datetime) -> dict[str, object]:
    asked: dict[str, object] = {}
    for place, cap in enumerate(checks.caps):
        asked |= _span(cap, now, place)
    if checks.mail_to is not None:
        asked |= {"address": normal(checks.mail_to), "now": now, "heard_by": now + _CLOCKS_DIFFER_BY}
    return asked


def _instead(status: str, reason: str) -> Outcome:
    return Outcome(effect="", kind="", status=status, reason=reason)


def _words(per: timedelta) -> str:
    days = per / timedelta(days=1)
    return f"{days:g} day{'' if days == 1 else 's'}" if days >= 1 else str(per)
