"""The deliverer: a background task that sends events to those who subscribe to them.

Two gateways may do so beside each other: a delivery is claimed in the store. One that dies leaves its claims to the
other, and the event is then sent again with the same id. All times are the wall clock's.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from gateway.events.cloud_events import cloud_event, source_of
from gateway.events.retries import Retries
from gateway.events.sending import TIMEOUT, EventSender, Sent
from gateway.events.targets import Targets
from gateway.redaction import redacted
from gateway.task_health import TaskHealth
from store import event_deliveries, event_feed, subscriptions
from store.database import Store
from store.errors import StoreAway, StoreError
from store.event_deliveries import Attempted, DeliveryState, EventDelivery
from store.subscriptions import Subscription

log = logging.getLogger(__name__)

_CLEANUP_EVERY, _CLEANUP_BATCH = timedelta(hours=1), 1000
_GONE = "it answered 410: it wants no more events"


@dataclass(frozen=True)
class DeliveryLimits:
    """How much is sent at once, and how long is waited. Tests set shorter times."""

    at_once: int = 8
    """Deals of one subscriber whose events are on their way at the same time."""
    poll_interval: timedelta = timedelta(seconds=1)
    """How long to wait before the feed is looked at again."""
    longest_retry: timedelta = timedelta(seconds=30)
    """The longest wait after a round that failed."""
    claim: timedelta = timedelta(seconds=60)
    """How long a claim holds: an attempt has ended long before."""
    timeout: timedelta = TIMEOUT
    retries: Retries = field(default_factory=Retries)


@dataclass
class Deliverer:
    """Sends events to subscribers in the background, from :meth:`run` until it is cancelled."""

    store: Store
    targets: Targets = field(default_factory=Targets)
    limits: DeliveryLimits = field(default_factory=DeliveryLimits)
    retention: timedelta = timedelta(days=90)
    """How long the feed keeps an event that no subscriber waits for."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    health: TaskHealth = field(
        default_factory=lambda: TaskHealth(name="deliverer of events", meanwhile="events only wait")
    )

    def __post_init__(self) -> None:
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._cleaned_up_at: datetime | None = None

    async def run(self) -> None:
        """Run rounds until cancelled. While the store is away, retry with growing waits."""
        wait = self.limits.poll_interval
        try:
            with self.health.running():
                async with EventSender.open(self.targets, self.limits.timeout) as sender:
                    while True:
                        try:
                            await self.run_round(sender)
                            await self.clean_up()
                        except Exception as error:  # noqa: BLE001 - it is logged, without values
                            said = error if isinstance(error, StoreAway) else redacted(error)
                            log.warning("the deliverer of events waits %s: %s", wait, said)
                            self.health.round_failed(error)
                            wait = min(wait * 2, self.limits.longest_retry)
                        else:
                            self.health.round_succeeded()
                            wait = self.limits.poll_interval
                        await asyncio.sleep(wait.total_seconds())
        finally:
            await self._stop()

    async def run_round(self, sender: EventSender) -> None:
        """Publish what was committed, and have each subscriber served who is not served already.

        Raises:
            StoreAway: everything waits as before.
        """
        await event_feed.publish(self.store, self.clock())
        for ended in [name for name, task in self._serving.items() if task.done()]:
            self._serving.pop(ended)
        for subscription in await subscriptions.all_of(self.store):
            if subscription.disabled_at is None and subscription.id not in self._serving:
                serving = asyncio.create_task(self._serve(sender, subscription.id), name=subscription.id)
                self._serving[subscription.id] = serving

    async def serve_all(self, sender: EventSender) -> None:
        """One round, until no subscriber has anything left that is due.

        Raises:
            StoreAway: everything waits as before.
        """
        await self.run_round(sender)
        await asyncio.gather(*self._serving.values())

    async def clean_up(self) -> None:
        """Once an hour, delete events that are older than the retention and that no subscriber waits for.

        Raises:
            StoreAway: they stay for now.
        """
        now = self.clock()
        if self._cleaned_up_at is not None and now - self._cleaned_up_at < _CLEANUP_EVERY:
            return
        needed = await subscriptions.needed_from(self.store)
        gone = await event_feed.delete_old(self.store, now - self.retention, _CLEANUP_BATCH, needed_from=needed)
        gone += await event_deliveries.delete_settled(self.store, now - self.retention, _CLEANUP_BATCH)
        if gone < _CLEANUP_BATCH:
            self._cleaned_up_at = now

    async def _serve(self, sender: EventSender, subscription_id: str) -> None:
        """Send a subscriber what is due. A fault is logged, and the next round tries again."""
        try:
            source = await source_of(self.store)
            while await self._send_due(sender, subscription_id, source):
                self.health.made_progress()
        except StoreError as error:
            log.warning("events for %s wait: %s", subscription_id, error)
        except Exception as error:  # noqa: BLE001 - it is logged, without values
            log.error("events for %s wait: %s", subscription_id, redacted(error))  # noqa: TRY400 - likewise

    async def _send_due(self, sender: EventSender, subscription_id: str, source: str) -> bool:
        """Lay out, claim and send once; returns whether there may be more."""
        subscription = await subscriptions.with_secrets(
            self.store, subscription_id
        )  # its secrets may have changed meanwhile
        if subscription is None or subscription.disabled_at is not None:
            return False
        now, claim = self.clock(), secrets.token_hex(8)
        laid_out = await event_deliveries.lay_out(self.store, subscription, now)
        due = await event_deliveries.claim(
            self.store, subscription.id, claim, now, now + self.limits.claim, self.limits.at_once
        )
        sent = await asyncio.gather(*(self._send(sender, subscription, one, source, claim) for one in due))
        return (bool(due) or bool(laid_out)) and all(sent)

    async def _send(
        self, sender: EventSender, subscription: Subscription, delivery: EventDelivery, source: str, claim: str
    ) -> bool:
        """Send one event once, and write down what came of it; False when the subscriber wants no more."""
        began = self.clock()
        event = cloud_event(delivery.event, source)
        sent = await sender.send(subscription.url, event, subscription.active_secrets(began), began)
        now = self.clock()
        attempted = self._judge(delivery, sent, now)
        await event_deliveries.settle(self.store, subscription.id, delivery.position, claim, attempted, now)
        if sent.status == HTTPStatus.GONE:
            log.warning("subscription %s is disabled: %s", subscription.id, _GONE)
            await subscriptions.disable(self.store, subscription.id, now, _GONE)
            return False
        if attempted.state is DeliveryState.DEAD:
            log.warning("event %s is not sent to %s any more: %s", event.id, subscription.id, sent.error)
        return True

    def _judge(self, delivery: EventDelivery, sent: Sent, now: datetime) -> Attempted:
        if sent.taken:
            return Attempted(state=DeliveryState.DELIVERED, not_before=now, status=sent.status)
        if sent.status == HTTPStatus.GONE:  # it waits for the day on which the subscription is enabled again
            return Attempted(state=DeliveryState.WAITING, not_before=now, status=sent.status, error=sent.error)
        again = self.limits.retries.next_attempt(delivery.attempts + 1, now, sent.retry_after)
        state = DeliveryState.DEAD if again is None else DeliveryState.WAITING
        return Attempted(state=state, not_before=again or now, status=sent.status, error=sent.error)

    async def _stop(self) -> None:
        for task in self._serving.values():
            task.cancel()
        for task in self._serving.values():
            with suppress(asyncio.CancelledError):
                await task
