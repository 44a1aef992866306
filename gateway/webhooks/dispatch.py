"""The dispatcher: a background task that sends the events of the intake to their deals.

Every step may happen twice, also in two gateways at the same time: a deal takes each fact id once. All times are
wall-clock times.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import TemporalAway
from gateway.redaction import redacted
from gateway.task_health import TaskHealth
from gateway.webhooks.delivery import Delivery, Fetchers
from integrations.kit.commands import CommandSource
from integrations.kit.mapping.meaning import FETCHES, LONGEST_REASON, OPENS_DEAL
from store import intake
from store.database import Store
from store.errors import StoreAway
from store.intake import IntakeRow, IntakeState

log = logging.getLogger(__name__)

_OUTAGE_AFTER = 3
"""After so many unreachable deals in one round, Temporal itself is asked before more deals are tried."""
_MARKED_TOGETHER = 100
"""Events that are marked in one transaction: where a deal of the round is slow, the others' are not kept unmarked."""
_LONGEST_WAIT = timedelta(hours=1)
_CLEANUP_EVERY, _CLEANUP_BATCH = timedelta(hours=1), 1000


@dataclass(frozen=True)
class DispatchLimits:
    """How much the dispatcher does at once, and how long it waits. Tests set shorter times."""

    batch_size: int = 400
    """Events read from the intake in one round."""
    concurrent_deals: int = 8
    """Deals that get events at the same time. Events for one deal stay in order."""
    batch_per_deal: int = 50
    """Events that one deal gets in a row. Then other deals get their turn."""
    pause_per_deal: timedelta = timedelta(seconds=1)
    """How long after the first of so many events a deal gets the next ones: it has to come to decide on them."""
    poll_interval: timedelta = timedelta(seconds=2)
    """How long to wait for new events. Another gateway may have written them."""
    first_retry: timedelta = timedelta(seconds=1)
    """The wait after a failed round, and for a deal or a tool that cannot be reached. Doubled each time: up to
    ``longest_retry``, and up to an hour for a tool."""
    longest_retry: timedelta = timedelta(seconds=30)
    unmatched_retry: timedelta = timedelta(seconds=15)
    """The wait of an event that found no deal. Doubled up to an hour; a new link ends it."""


@dataclass
class Dispatcher:
    """Sends events to deals in the background, from :meth:`run` until it is cancelled."""

    store: Store
    deals: DealClient
    named_by_id: frozenset[str]
    """Sources whose events name the deal by its id; the others' objects are linked to deals."""
    limits: DispatchLimits = field(default_factory=DispatchLimits)
    retention: timedelta = timedelta(days=90)
    """How long the intake keeps an event that was delivered, or never can be."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    health: TaskHealth = field(default_factory=TaskHealth)
    fetchers: Fetchers = field(default_factory=dict)
    """Sources that only hint, each with what gets what it hints at."""
    keep_ids_for: Mapping[str, timedelta] = field(default_factory=dict)
    """Sources whose events stay longer, where the retention is shorter."""
    commands: Mapping[str, CommandSource] = field(default_factory=dict)
    """Sources in which people give commands."""

    def __post_init__(self) -> None:
        self._delivery = Delivery(self.store, self.deals, self.named_by_id, self.fetchers, self.commands)
        self._new_events = asyncio.Event()
        self._cleaned_up_at: datetime | None = None
        self._next_turn: datetime | None = None
        """When the first of the deals that are made to pause gets its next events."""

    def wake(self) -> None:
        """Start the next round now: the intake has new events."""
        self._new_events.set()

    async def run(self) -> None:
        """Run rounds until cancelled. While Temporal or the store is away, retry with growing waits."""
        retry = self.limits.first_retry
        with self.health.running():
            while True:
                self._new_events.clear()
                try:
                    busy = await self.run_round()
                    await self.clean_up()
                except Exception as error:  # noqa: BLE001 - it is logged, without values
                    expected = isinstance(error, TemporalAway | StoreAway)
                    log.warning("the dispatcher waits %s: %s", retry, error if expected else redacted(error))
                    self.health.round_failed(error)
                    await asyncio.sleep(retry.total_seconds())
                    retry = min(retry * 2, self.limits.longest_retry)
                    continue
                self.health.round_succeeded()
                retry = self.limits.first_retry
                if not busy:
                    await self._wait_for_events()

    async def run_round(self) -> bool:
        """Send the events that are due; returns whether there may be more.

        A deal that cannot be reached delays only its own events.

        Raises:
            TemporalAway: it is away for all; the events wait as before.
            StoreAway: likewise.
        """
        now, at_once = self.clock(), self.limits.batch_size
        rows = await intake.due(self.store, at_once, now, per_deal=self.limits.batch_per_deal)
        # Their deals may have been opened by other means. Those of objects wait for a link instead.
        again = await intake.unmatched_due(self.store, self.named_by_id, at_once, now)
        again += await intake.set_aside_due(self.store, at_once, now)
        await self._delivery.look_up([*rows, *again])
        gate, round_ = asyncio.Semaphore(self.limits.concurrent_deals), _Round()
        groups = _by_deal([*rows, *again])
        try:
            await asyncio.gather(*(self._dispatch_to_deal(gate, group, round_) for group in groups))
        finally:
            await self._mark(round_)
        if round_.store:
            raise round_.store[0]
        await self._postpone(round_.unreached)
        return await self._pause(round_.sated) or len(rows) == at_once

    async def clean_up(self) -> None:
        """Once an hour, delete delivered events that are older than the retention.

        Raises:
            StoreAway: it stays for now.
        """
        now = self.clock()
        if self._cleaned_up_at is not None and now - self._cleaned_up_at < _CLEANUP_EVERY:
            return
        longer = {source: now - span for source, span in self.keep_ids_for.items() if span > self.retention}
        gone = await intake.delete_done(self.store, now - self.retention, _CLEANUP_BATCH, longer)
        if gone:
            log.info("deleted %d events from the intake that are older than %d days", gone, self.retention.days)
        if gone < _CLEANUP_BATCH:
            self._cleaned_up_at = now

    async def _wait_for_events(self) -> None:
        longest = self.limits.poll_interval
        if self._next_turn is not None:
            longest = min(longest, max(self._next_turn - self.clock(), timedelta()))
        with suppress(TimeoutError):
            async with asyncio.timeout(longest.total_seconds()):
                await self._new_events.wait()

    async def _dispatch_to_deal(self, gate: asyncio.Semaphore, rows: Sequence[IntakeRow], round_: _Round) -> None:
        async with gate:
            began = self.clock()
            for row in rows:
                if round_.store or len(round_.unreached) >= _OUTAGE_AFTER:
                    return
                try:
                    await self._dispatch(row, round_)
                except TemporalAway as error:  # what is for this deal stays in order
                    round_.unreached.append((row, error))
                    return
                except StoreAway as error:
                    round_.store.append(error)
                    return
                except Exception as error:  # noqa: BLE001 - it is logged, without values
                    _log_fault("could not be marked", row, error)
                    return
                self.health.made_progress()
            if len(round_.dispatched) >= _MARKED_TOGETHER:
                try:
                    await self._mark(round_)
                except StoreAway as error:
                    round_.store.append(error)
            if len(rows) >= self.limits.batch_per_deal and (ref := rows[-1].deal_ref):
                round_.sated.append((rows[-1].source, ref, began))

    async def _mark(self, round_: _Round) -> None:
        done, round_.dispatched = round_.dispatched, []
        await intake.mark_dispatched(self.store, done, self.clock())

    async def _pause(self, sated: Sequence[tuple[str, str, datetime]]) -> bool:
        """Let deals wait that got all that they get in a row; returns whether one of them need not wait.

        After what they got is marked: what waits is delayed, and marked would not.
        """
        turns = [(source, ref, began + self.limits.pause_per_deal) for source, ref, began in sated]
        now = self.clock()
        for source, ref, turn in turns:
            if turn > now:
                await intake.delay_deal(self.store, source, ref, turn)
        self._next_turn = min((turn for _, _, turn in turns), default=None)
        return any(turn <= now for _, _, turn in turns)

    async def _dispatch(self, row: IntakeRow, round_: _Round) -> None:
        try:
            state, reason = await self._delivery.deliver(row)
            if state is IntakeState.DISPATCHED and row.fact in (OPENS_DEAL, FETCHES):
                self.wake()  # for what waited for this deal, or was fetched
            if state is IntakeState.DISPATCHED and reason is None:
                round_.dispatched.append(row.id)
            else:
                await self._record(row, state, reason)
        except (TemporalAway, StoreAway):
            raise
        except Exception as error:  # noqa: BLE001 - it is logged, without values
            # A fault of ours with one event must not keep the others from their deals.
            _log_fault("could not be passed on", row, error)
            await self._record(row, IntakeState.SET_ASIDE, f"{type(error).__name__}: {error}")

    async def _record(self, row: IntakeRow, state: IntakeState, reason: str | None) -> None:
        not_before = None
        if state in (IntakeState.UNMATCHED, IntakeState.WAITING, IntakeState.SET_ASIDE):
            # What waits is for a tool to answer, which it mostly does at once when it is asked again.
            first = self.limits.first_retry if state is IntakeState.WAITING else self.limits.unmatched_retry
            not_before = self.clock() + min(first * 2 ** min(row.attempts, 12), _LONGEST_WAIT)
        if state is not IntakeState.DISPATCHED:
            level = logging.WARNING if state in (IntakeState.REFUSED, IntakeState.SET_ASIDE) else logging.INFO
            # Why stands in the row: it may say what somebody wrote.
            log.log(level, "row %d of the intake, of %s: %s", row.id, row.source, state)
        error = reason and reason[:LONGEST_REASON]
        await intake.mark(self.store, row.id, state, at=self.clock(), error=error, not_before=not_before)
        unlinked = state is IntakeState.UNMATCHED and row.source not in self.named_by_id
        if unlinked and await self._delivery.deal_of(row):
            # The link was made after it was looked for, and before there was anything to make wait again.
            await intake.mark(self.store, row.id, IntakeState.WAITING, at=self.clock(), not_before=self.clock())

    async def _postpone(self, unreached: Sequence[tuple[IntakeRow, TemporalAway]]) -> None:
        """Delay the events of unreachable deals, unless Temporal itself is away: then they are due as before."""
        if not unreached:
            return
        away: TemporalAway | None = None
        try:
            await self.deals.check()
        except TemporalAway as error:
            away = error
        for row, cause in unreached:
            wait = min(self.limits.first_retry * 2 ** min(row.attempts, 12), self.limits.longest_retry)
            later = None if away else self.clock() + wait
            await intake.mark(self.store, row.id, row.state, at=self.clock(), error=str(cause), not_before=later)
            if away is None:
                log.warning("row %d of the intake, of %s, waits %s for its deal", row.id, row.source, wait)
        if away is not None:
            raise away


@dataclass
class _Round:
    """What became of one round's events."""

    dispatched: list[int] = field(default_factory=list)
    """Rows that are still to be marked, all in one transaction."""
    sated: list[tuple[str, str, datetime]] = field(default_factory=list)
    """Deals, by source and reference, that got all that they get in a row; and since when."""
    unreached: list[tuple[IntakeRow, TemporalAway]] = field(default_factory=list)
    store: list[StoreAway] = field(default_factory=list)


def _by_deal(rows: Iterable[IntakeRow]) -> list[list[IntakeRow]]:
    ordered = sorted(rows, key=lambda row: (row.source, row.deal_ref or "", row.id))
    return [list(group) for _, group in groupby(ordered, key=lambda row: (row.source, row.deal_ref))]


def _log_fault(what: str, row: IntakeRow, error: Exception) -> None:
    log.error("row %d of the intake, of %s, %s: %s", row.id, row.source, what, redacted(error))
