"""The activities ``poll_tool`` and ``watch_tool``: what webhooks should have brought, and whether they still come."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

from dealwright.contract import POLL_TOOL, WATCH_TOOL, PollReport, ReconcileRequest
from dealwright.effects import Notify
from integrations.kit.errors import NotHandedOver, Refused, Unanswered, store_errors_for_temporal
from integrations.kit.findings import Finding
from integrations.kit.ports import Chat, PollingSource
from store import feeds, intake, mirror
from store.database import Store
from store.feeds import Feed
from store.intake import IntakeState

log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")

OPERATIONS = "operations"
"""Whom notices about a tool are for."""
_AGAIN_AFTER = timedelta(days=1)
"""How long people are not told the same of a tool again."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A connected tool that is read beside its webhooks."""

    title: str
    source: PollingSource
    every: timedelta
    """How often it is read."""
    silence: timedelta
    """How long no webhook may come while reading finds changes."""


class Reconcile:
    """Reads tools, and looks after their webhooks. ``watched`` is by the names of their sources."""

    def __init__(
        self,
        store: Store,
        chat: Chat,
        watched: Mapping[str, Watched],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._chat, self._watched, self._clock = store, chat, watched, clock

    @activity.defn(name=POLL_TOOL)
    async def poll_tool(self, request: ReconcileRequest) -> PollReport:
        """Read one page, and keep what is new in it. Read again after a crash, it adds nothing twice."""
        watched = self._tool(request.source)
        with store_errors_for_temporal():
            feed = await feeds.of(self._store, request.source)
            polled = await _asked(lambda: watched.source.poll(feed.cursor))
            new = [row for row in await intake.add(self._store, polled.events) if row.state is IntakeState.WAITING]
            for seen in polled.seen:
                await mirror.note(self._store, request.source, seen.object_id, seen.values, seen.at)
            now = self._clock()
            await feeds.polled(self._store, request.source, polled.cursor, now, found=bool(new))
        _count_found(request.source, len(new))
        return PollReport(found=len(new), more=polled.more)

    @activity.defn(name=WATCH_TOOL)
    async def watch_tool(self, request: ReconcileRequest) -> None:
        """Mend subscriptions that are off, and tell people, at most once a day, of what cannot be mended."""
        watched = self._tool(request.source)
        with store_errors_for_temporal():
            feed = await feeds.of(self._store, request.source)
            wrong = [found for found in await _asked(watched.source.health) if found.level == "problem"]
            if wrong:
                for done in await _asked(watched.source.repair):
                    log.warning("%s, %s: %s", watched.title, done.about, done.says)
                wrong = [found for found in await _asked(watched.source.health) if found.level == "problem"]
            if (silent := silence(feed, watched, self._clock())) is not None:
                wrong.append(silent)
            _gauge_silence(feed, self._clock())
            if wrong and (feed.told_at is None or self._clock() - feed.told_at >= _AGAIN_AFTER):
                await self._tell(request.source, watched, wrong)

    async def _tell(self, source: str, watched: Watched, wrong: list[Finding]) -> None:
        now = self._clock()
        text = " ".join(f"{found.about}: {found.says}. {found.remedy}".strip() for found in wrong)
        notice = Notify(
            id=f"{source}/watch/{now:%Y-%m-%d}", at=now, summary=f"Tell what is wrong with {source}", role=OPERATIONS,
            text=f"{watched.title} needs a look. {text}",
        )  # fmt: skip
        delivery = await _asked(lambda: self._chat.tell(source, notice))
        await _asked(delivery.send)
        await feeds.told(self._store, source, now)

    def _tool(self, source: str) -> Watched:
        if source not in self._watched:
            message = f"{source} is not connected to this worker: its connections file is another one"
            raise ApplicationError(message, type="NotConnected", non_retryable=True)
        return self._watched[source]


def silence(feed: Feed, watched: Watched, now: datetime) -> Finding | None:
    """What is to be told when changes are found by reading, and webhooks come no more."""
    if feed.heard_at is None or feed.found_at is None or feed.found_at - feed.heard_at < watched.silence:
        return None
    hours = (now - feed.heard_at) / timedelta(hours=1)
    return Finding(
        "problem", "webhooks", f"none came for {hours:.0f} hours, although reading found changes",
        "Nothing is lost, but comes late. Look at the subscriptions, and at the gateway's public URL",
    )  # fmt: skip


async def _asked(call: Callable[[], Awaitable[_Answer]]) -> _Answer:
    try:
        return await call()
    except NotHandedOver as error:
        raise ApplicationError(error.reason, type=NotHandedOver.__name__, next_retry_delay=error.retry_after) from error
    except Refused as error:
        raise ApplicationError(error.reason, type=Refused.__name__, non_retryable=True) from error
    except Unanswered as error:
        raise ApplicationError(error.reason, type=Unanswered.__name__) from error


def _count_found(source: str, found: int) -> None:
    counter = activity.metric_meter().create_counter(
        "dealwright_polled_events", "Events that reading a tool found and no webhook had brought"
    )
    counter.add(found, {"source": source})


def _gauge_silence(feed: Feed, now: datetime) -> None:
    if feed.heard_at is not None:
        gauge = activity.metric_meter().create_gauge("dealwright_webhook_silence_seconds", "Time since a webhook came")
        gauge.set(int((now - feed.heard_at).total_seconds()), {"source": feed.source})
