"""Deliveries of events to subscribers: what is due, who sends it, and what became of it.

Of one deal's events a subscriber gets the next only when the one before is settled. A delivery is claimed for a while
by whoever sends it; when that one dies, another takes it up. All times are the wall clock's. Every function may raise
``StoreAway``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Row, Select, case, delete, exists, func, or_, select, tuple_, update

from store.database import Store
from store.event_feed import FeedEvent, select_events
from store.event_tables import event_deliveries, event_feed, subscriptions
from store.subscriptions import Subscriber

_AT_ONCE = 500
MOST_WAITING = 10_000
"""Deliveries that are laid out for one subscriber; the feed keeps what comes after them."""
this = event_deliveries.c


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    """It is to be sent, now or later."""
    DELIVERED = "delivered"
    """The subscriber has taken it."""
    DEAD = "dead"
    """The subscriber has not taken it, however often it was sent. Somebody may have it sent again."""


class EventDelivery(BaseModel):
    """An event on its way to a subscriber."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    position: int
    state: DeliveryState
    attempts: int
    not_before: AwareDatetime
    last_status: int | None
    last_error: str | None
    delivered_at: AwareDatetime | None
    event: FeedEvent = Field(exclude=True)


class Attempted(BaseModel):
    """What one attempt came to: the state, from when on to try again, and what the receiver answered."""

    model_config = ConfigDict(frozen=True)

    state: DeliveryState
    not_before: AwareDatetime
    status: int | None = None
    error: str | None = None


class DeliveryCounts(NamedTuple):
    """How many of a subscriber's deliveries wait, and how many are dead."""

    waiting: int = 0
    dead: int = 0


async def lay_out(store: Store, subscription: Subscriber, now: datetime) -> int:
    """Lay out deliveries of what the feed has for a subscriber since; returns how many, not all at once."""
    own = subscriptions.c.id == subscription.id
    waiting = select(this.position).where(this.subscription == subscription.id, this.state == DeliveryState.WAITING)
    async with store.writing() as connection:
        count = await connection.scalar(select(func.count()).select_from(waiting.limit(MOST_WAITING).subquery()))
        if (count or 0) >= MOST_WAITING:
            return 0
        # The row's lock keeps another gateway from laying out the same.
        locked = update(subscriptions).where(own).values(url=subscriptions.c.url).returning(subscriptions.c.read_up_to)
        after = (await connection.execute(locked)).scalar_one_or_none()
        if after is None:  # it has ended meanwhile
            return 0
        head = await connection.scalar(select(func.max(event_feed.c.position))) or 0
        wanted = select_events(subscription.kinds, subscription.deals).where(
            event_feed.c.position > after, event_feed.c.position <= head
        )
        found = (await connection.execute(wanted.limit(_AT_ONCE))).all()
        if found:
            rows = [_row(subscription.id, row.position, row.deal_id, now) for row in found]
            await connection.execute(store.insert_new(event_deliveries), rows)
        read_up_to = found[-1].position if len(found) == _AT_ONCE else max(after, head)
        await connection.execute(update(subscriptions).where(own).values(read_up_to=read_up_to))
    return len(found)


async def claim(
    store: Store, subscription_id: str, by: str, now: datetime, until: datetime, limit: int
) -> list[EventDelivery]:
    """Claim deliveries that are due: of each deal the first that waits, and no other.

    ``by`` names this claim, which holds until ``until``.
    """
    earlier = event_deliveries.alias()
    behind = exists().where(
        earlier.c.subscription == this.subscription,
        earlier.c.deal_id == this.deal_id,
        earlier.c.state == DeliveryState.WAITING,
        earlier.c.position < this.position,
    )
    due = (
        select(this.position)
        .where(
            this.subscription == subscription_id,
            this.state == DeliveryState.WAITING,
            this.not_before <= now,
            or_(this.claimed_until.is_(None), this.claimed_until <= now),
            ~behind,
        )
        .order_by(this.position)
        .limit(limit)
        .with_for_update(skip_locked=True, of=event_deliveries)
    )
    async with store.writing() as connection:
        positions = list(await connection.scalars(due))
        if not positions:
            return []
        mine = (this.subscription == subscription_id, this.position.in_(positions))
        await connection.execute(update(event_deliveries).where(*mine).values(claimed_by=by, claimed_until=until))
        rows = (await connection.execute(_with_event().where(*mine).order_by(this.position))).all()
    return [_read(row) for row in rows]


async def settle(
    store: Store, subscription_id: str, position: int, by: str, attempted: Attempted, now: datetime
) -> bool:
    """Write down what an attempt came to, if the claim still holds; returns whether it did."""
    mine = (this.subscription == subscription_id, this.position == position, this.claimed_by == by)
    change: dict[str, object] = {
        "state": attempted.state,
        "attempts": this.attempts + 1,
        "not_before": attempted.not_before,
        "claimed_by": None,
        "claimed_until": None,
        "last_status": attempted.status,
        "last_error": attempted.error,
    }
    if attempted.state is DeliveryState.DELIVERED:
        change["delivered_at"] = now
    async with store.writing() as connection:
        return bool((await connection.execute(update(event_deliveries).where(*mine).values(change))).rowcount)


async def listed(
    store: Store, subscription_id: str, *, state: DeliveryState | None = None, limit: int = 100
) -> list[EventDelivery]:
    """A subscriber's deliveries, the newest first."""
    statement = _with_event().where(this.subscription == subscription_id).order_by(this.position.desc()).limit(limit)
    if state is not None:
        statement = statement.where(this.state == state)
    async with store.reading() as connection:
        return [_read(row) for row in await connection.execute(statement)]


async def counts(store: Store) -> dict[str, DeliveryCounts]:
    """How many deliveries wait and are dead, by subscription."""
    of_state = [func.sum(case((this.state == state, 1), else_=0)).label(state) for state in ("waiting", "dead")]
    async with store.reading() as connection:
        rows = await connection.execute(select(this.subscription, *of_state).group_by(this.subscription))
        return {row.subscription: DeliveryCounts(int(row.waiting), int(row.dead)) for row in rows}


async def resend(store: Store, subscription_id: str, now: datetime, positions: Sequence[int] = ()) -> int:
    """Let dead deliveries wait to be sent again, all or those at these positions; returns how many."""
    mine = [this.subscription == subscription_id, this.state == DeliveryState.DEAD]
    if positions:
        mine.append(this.position.in_(list(positions)))
    again = {"state": DeliveryState.WAITING, "attempts": 0, "not_before": now}
    async with store.writing() as connection:
        return (await connection.execute(update(event_deliveries).where(*mine).values(again))).rowcount


async def delete_settled(store: Store, before: datetime, limit: int) -> int:
    """Delete deliveries that came to an end and whose event is no longer kept; returns how many, at most ``limit``."""
    kept = exists().where(event_feed.c.position == this.position)
    old = (
        select(this.subscription, this.position)
        .where(this.state != DeliveryState.WAITING, this.not_before < before, ~kept)
        .limit(limit)
    )
    async with store.writing() as connection:
        gone = delete(event_deliveries).where(tuple_(this.subscription, this.position).in_(old))
        return (await connection.execute(gone)).rowcount


def _row(subscription_id: str, position: int, deal_id: str, now: datetime) -> dict[str, object]:
    return {
        "subscription": subscription_id, "position": position, "deal_id": deal_id, "state": DeliveryState.WAITING,
        "attempts": 0, "not_before": now,
    }  # fmt: skip


def _with_event() -> Select[tuple[object, ...]]:
    line = [column for column in event_feed.c if column.name not in event_deliveries.c and column.name != "id"]
    return select(event_deliveries, *line).join(event_feed, event_feed.c.position == this.position)


def _read(row: Row[tuple[object, ...]]) -> EventDelivery:
    values = row._asdict()
    return EventDelivery.model_validate({**values, "event": FeedEvent.model_validate(values)})
