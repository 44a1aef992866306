"""The dispatcher: passes on what the intake keeps, until each event has reached its deal or cannot.

Everything here may happen twice, also in two gateways at once: a fact's id makes the deal take it once. Times are
the wall clock's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import TemporalAway
from gateway.redaction import without_values
from gateway.webhooks.delivery import Delivery
from gateway.webhooks.dispatcher_health import Pulse
from integrations.kit.event_mapping import LONGEST_REASON, OPENS_DEAL
from store import intake
from store.database import Store
from store.errors import StoreAway
from store.intake import IntakeRow, IntakeState

log = logging.getLogger(__name__)

_AWAY_FOR_ALL = 3
"""So many deals that cannot be reached in one round, and the others are not tried before Temporal was asked."""
_LONGEST_ASIDE = timedelta(hours=1)
_TIDY_EVERY, _TIDY_AT_ONCE = timedelta(hours=1), 1000


@dataclass(frozen=True)
class Pace:
    """How often and how many at once. For tests, quicker."""

    at_once: int = 100
    """Events taken from the intake in one round."""
    deals_at_once: int = 8
    """Deals that are told something at the same time; what is for one deal stays in order."""
    each: int = 50
    """Events that one deal is told in a row; then it gets a ``breath``, and the others their turn."""
    breath: timedelta = timedelta(seconds=1)
    idle: timedelta = timedelta(seconds=2)
    """How long to wait for something new; another gateway may have taken it in."""
    first_retry: timedelta = timedelta(seconds=1)
    """After a round that failed, and for a deal that could not be reached; doubled up to ``last_retry``."""
    last_retry: timedelta = timedelta(seconds=30)
    again: timedelta = timedelta(seconds=15)
    """After an event that found no deal; doubled up to an hour. A new link makes it wait no longer."""


@dataclass
class Dispatcher:
    """Passes events on in the background, from :meth:`run` until it is cancelled."""

    store: Store
    deals: DealClient
    named_by_id: frozenset[str]
    """Sources whose events name the deal by its id; the others' objects are linked to deals."""
    pace: Pace = field(default_factory=Pace)
    kept: timedelta = timedelta(days=90)
    """How long the intake shows an event that was passed on, or cannot be."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    pulse: Pulse = field(default_factory=Pulse)

    def __post_init__(self) -> None:
        self._delivery = Delivery(self.store, self.deals, self.named_by_id)
        self._news = asyncio.Event()
        self._tidied: datetime | None = None
        self._breathing = False

    def wake(self) -> None:
        """Something new is in the intake."""
        self._news.set()

    async def run(self) -> None:
        """Pass on what waits, for ever. Whatever is away is waited for."""
        retry = self.pace.first_retry
        with self.pulse.alive():
            while True:
                self._news.clear()
                try:
                    busy = await self.round()
                    await self.tidy()
                except Exception as error:  # noqa: BLE001 - it is logged, without values
                    expected = isinstance(error, TemporalAway | StoreAway)
                    log.warning("the dispatcher waits %s: %s", retry, error if expected else without_values(error))
                    self.pulse.failed(error)
                    await asyncio.sleep(retry.total_seconds())
                    retry = min(retry * 2, self.pace.last_retry)
                    continue
                self.pulse.succeeded()
                retry = self.pace.first_retry
                if not busy:
                    await self._rest()

    async def round(self) -> bool:
        """Pass on what waits now; says whether there may be more.

        A deal that cannot be reached holds up nothing but what is for it.

        Raises:
            TemporalAway: it is away for all; the events wait as before.
            StoreAway: likewise.
        """
        now, at_once = self.clock(), self.pace.at_once
        rows = await intake.waiting(self.store, at_once, now, each=self.pace.each)
        # Their deals may have been opened by other means. Those of objects wait for a link instead.
        again = await intake.unmatched(self.store, self.named_by_id, at_once, now)
        again += await intake.aside(self.store, at_once, now)
        gate, trouble = asyncio.Semaphore(self.pace.deals_at_once), _Trouble()
        groups = _by_deal([*rows, *again])
        await asyncio.gather(*(self._to_one_deal(gate, group, trouble) for group in groups))
        if trouble.store:
            raise trouble.store[0]
        await self._hold(trouble.unreached)
        self._breathing = any(len(group) >= self.pace.each for group in groups)
        return len(rows) == at_once

    async def tidy(self) -> None:
        """Once an hour, delete what the intake need not show any more.

        Raises:
            StoreAway: it stays for now.
        """
        now = self.clock()
        if self._tidied is not None and now - self._tidied < _TIDY_EVERY:
            return
        gone = await intake.forget(self.store, now - self.kept, _TIDY_AT_ONCE)
        if gone:
            log.info("deleted %d events from the intake that are older than %d days", gone, self.kept.days)
        if gone < _TIDY_AT_ONCE:
            self._tidied = now

    async def _rest(self) -> None:
        longest = self.pace.breath if self._breathing else self.pace.idle
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), longest.total_seconds())

    async def _to_one_deal(self, gate: asyncio.Semaphore, rows: Sequence[IntakeRow], trouble: _Trouble) -> None:
        async with gate:
            for row in rows:
                if trouble.store or len(trouble.unreached) >= _AWAY_FOR_ALL:
                    return
                try:
                    await self._pass_on(row)
                except TemporalAway as error:  # what is for this deal stays in order
                    trouble.unreached.append((row, error))
                    return
                except StoreAway as error:
                    trouble.store.append(error)
                    return
                except Exception as error:  # noqa: BLE001 - it is logged, without values
                    _tell_of_fault("could not be marked", row, error)
                    return
                self.pulse.beat()
            if len(rows) >= self.pace.each and (ref := rows[-1].deal_ref):
                await self._let_breathe(rows[-1].source, ref, trouble)

    async def _let_breathe(self, source: str, deal_ref: str, trouble: _Trouble) -> None:
        try:
            await intake.hold(self.store, source, deal_ref, self.clock() + self.pace.breath)
        except StoreAway as error:
            trouble.store.append(error)

    async def _pass_on(self, row: IntakeRow) -> None:
        try:
            state, reason = await self._delivery.deliver(row)
            if state is IntakeState.DISPATCHED and row.fact == OPENS_DEAL:
                self.wake()  # for what waited for this deal
            await self._write_down(row, state, reason)
        except (TemporalAway, StoreAway):
            raise
        except Exception as error:  # noqa: BLE001 - it is logged, without values
            # A fault of ours with one event must not keep the others from their deals.
            _tell_of_fault("could not be passed on", row, error)
            await self._write_down(row, IntakeState.SET_ASIDE, f"{type(error).__name__}: {error}")

    async def _write_down(self, row: IntakeRow, state: IntakeState, reason: str | None) -> None:
        not_before = None
        if state in (IntakeState.UNMATCHED, IntakeState.WAITING, IntakeState.SET_ASIDE):
            not_before = self.clock() + min(self.pace.again * 2 ** min(row.attempts, 12), _LONGEST_ASIDE)
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

    async def _hold(self, unreached: Sequence[tuple[IntakeRow, TemporalAway]]) -> None:
        """Let those wait whose deals could not be reached: each by itself, or as before when Temporal is away."""
        if not unreached:
            return
        away: TemporalAway | None = None
        try:
            await self.deals.check()
        except TemporalAway as error:
            away = error
        for row, cause in unreached:
            wait = min(self.pace.first_retry * 2 ** min(row.attempts, 12), self.pace.last_retry)
            later = None if away else self.clock() + wait
            await intake.mark(self.store, row.id, row.state, at=self.clock(), error=str(cause), not_before=later)
            if away is None:
                log.warning("row %d of the intake, of %s, waits %s for its deal", row.id, row.source, wait)
        if away is not None:
            raise away


@dataclass
class _Trouble:
    """What went wrong in one round."""

    unreached: list[tuple[IntakeRow, TemporalAway]] = field(default_factory=list)
    store: list[StoreAway] = field(default_factory=list)


def _by_deal(rows: Iterable[IntakeRow]) -> list[list[IntakeRow]]:
    ordered = sorted(rows, key=lambda row: (row.source, row.deal_ref or "", row.id))
    return [list(group) for _, group in groupby(ordered, key=lambda row: (row.source, row.deal_ref))]


def _tell_of_fault(what: str, row: IntakeRow, error: Exception) -> None:
    log.error("row %d of the intake, of %s, %s: %s", row.id, row.source, what, without_values(error))
