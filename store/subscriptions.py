"""Who gets events delivered: where to, which events, and with which secrets they are signed.

Secrets are kept encrypted where the store has a key for it (``Store.seal``). All times are the wall clock's. Every
function may raise ``StoreAway``.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, SecretStr
from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Store
from store.event_tables import event_deliveries, event_feed_head, subscriptions

_SECRET_BYTES = 32


class Subscriber(BaseModel):
    """A receiver of events. ``kinds`` and ``deals`` name what it gets; an empty one leaves out nothing."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    url: str
    kinds: tuple[str, ...]
    deals: tuple[str, ...]
    former_until: AwareDatetime | None
    read_up_to: int
    created_at: AwareDatetime
    disabled_at: AwareDatetime | None
    disabled_why: str | None


class Subscription(Subscriber):
    """A receiver of events with its secrets, which sign what it is sent."""

    secret: SecretStr
    former_secret: SecretStr | None

    def active_secrets(self, now: datetime) -> tuple[str, ...]:
        """Those that sign what is sent now, the newest first."""
        former = self.former_secret if self.former_until is not None and now < self.former_until else None
        return tuple(one.get_secret_value() for one in (self.secret, former) if one is not None)


async def add(
    store: Store,
    url: str,
    now: datetime,
    *,
    kinds: tuple[str, ...] = (),
    deals: tuple[str, ...] = (),
    after: int | None = None,
) -> Subscription:
    """Subscribe a receiver to the events after a position; to those from now on, where none is given."""
    row = {
        "id": f"sub_{secrets.token_hex(12)}", "url": url, "kinds": sorted(set(kinds)), "deals": sorted(set(deals)),
        "secret": store.seal.seal(_new_secret()), "created_at": now,
    }  # fmt: skip
    async with store.writing() as connection:
        head = await connection.scalar(select(event_feed_head.c.position)) or 0
        await connection.execute(store.insert(subscriptions).values(**row, read_up_to=head if after is None else after))
        return _opened(store, await _one(connection, str(row["id"])))


async def all_of(store: Store) -> list[Subscriber]:
    """Every subscription, the oldest first."""
    async with store.reading() as connection:
        rows = await connection.execute(select(subscriptions).order_by(subscriptions.c.created_at, subscriptions.c.id))
        return [Subscriber.model_validate(row) for row in rows]


async def find(store: Store, subscription_id: str) -> Subscriber | None:
    """One subscription; None where there is no such."""
    row = await _find(store, subscription_id)
    return None if row is None else Subscriber.model_validate(row)


async def with_secrets(store: Store, subscription_id: str) -> Subscription | None:
    """One subscription, for whoever sends to it; None where there is no such.

    Raises:
        CannotUnseal: its secret was encrypted with a key that is not at hand. Rotating it makes a new one.
    """
    row = await _find(store, subscription_id)
    return None if row is None else _opened(store, row)


async def remove(store: Store, subscription_id: str) -> bool:
    """End a subscription, with what waits for it; returns whether there was one."""
    async with store.writing() as connection:
        gone = await connection.execute(delete(subscriptions).where(subscriptions.c.id == subscription_id))
        await connection.execute(delete(event_deliveries).where(event_deliveries.c.subscription == subscription_id))
    return bool(gone.rowcount)


async def rotate(store: Store, subscription_id: str, now: datetime, overlap: timedelta) -> Subscription | None:
    """Give a subscription a new secret. The present one signs as well for ``overlap``; one before that no longer.

    One that cannot be read any more signs nothing.
    """
    this = subscriptions.c.id == subscription_id
    async with store.writing() as connection:
        present = await connection.scalar(select(subscriptions.c.secret).where(this).with_for_update())
        if present is None:
            return None
        former = present if store.seal.can_unseal(present) else None
        change = {"former_secret": former, "former_until": now + overlap if former else None}
        await connection.execute(
            update(subscriptions).where(this).values(**change, secret=store.seal.seal(_new_secret()))
        )
        return _opened(store, await _one(connection, subscription_id))


async def disable(store: Store, subscription_id: str, now: datetime, why: str) -> None:
    """Send nothing more to a receiver, until it is enabled again; what waits for it stays."""
    this = (subscriptions.c.id == subscription_id, subscriptions.c.disabled_at.is_(None))
    async with store.writing() as connection:
        await connection.execute(update(subscriptions).where(*this).values(disabled_at=now, disabled_why=why))


async def enable(store: Store, subscription_id: str) -> Subscriber | None:
    """Send again to a receiver, from where it was."""
    this = subscriptions.c.id == subscription_id
    async with store.writing() as connection:
        changed = await connection.execute(
            update(subscriptions).where(this).values(disabled_at=None, disabled_why=None)
        )
        row = await _one(connection, subscription_id) if changed.rowcount else None
    return None if row is None else Subscriber.model_validate(row)


async def needed_from(store: Store) -> int | None:
    """The first position that a subscriber who is not disabled has yet to get; None where there is no subscriber."""
    active = subscriptions.c.disabled_at.is_(None)
    waiting = (
        select(func.min(event_deliveries.c.position))
        .join(subscriptions, subscriptions.c.id == event_deliveries.c.subscription)
        .where(active, event_deliveries.c.state == "waiting")
    )
    async with store.reading() as connection:
        unread = await connection.scalar(select(func.min(subscriptions.c.read_up_to)).where(active))
        first = await connection.scalar(waiting)
    return None if unread is None else min(unread + 1, first or unread + 1)


def _by_id(subscription_id: str) -> Select[tuple[object, ...]]:
    return select(subscriptions).where(subscriptions.c.id == subscription_id)


async def _one(connection: AsyncConnection, subscription_id: str) -> Row[tuple[object, ...]]:
    return (await connection.execute(_by_id(subscription_id))).one()


async def _find(store: Store, subscription_id: str) -> Row[tuple[object, ...]] | None:
    async with store.reading() as connection:
        return (await connection.execute(_by_id(subscription_id))).one_or_none()


def _opened(store: Store, row: Row[tuple[object, ...]]) -> Subscription:
    """A row with its secrets in the clear."""
    kept = row._mapping  # noqa: SLF001 - the documented public name of a row's columns
    plain = {name: store.seal.unseal(kept[name]) for name in ("secret", "former_secret")}
    return Subscription.model_validate({**kept, **plain})


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
