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

from pydantic import JsonValue, ValidationError

from deals.admission import BadDeal, admit
from deals.facts import FACTS
from deals.identity import DEFAULT_PLAYBOOK, BadDealId
from gateway import reaching
from gateway.webhooks.reading import LONGEST_REASON, OPENS_DEAL
from starter.client import DealClient
from starter.errors import DealExists, DealFinished, NoSuchDeal, TemporalAway, TemporalRefused
from store import intake
from store.database import Store
from store.errors import StoreAway, UnknownPlaybook
from store.intake import IntakeRow, IntakeState

log = logging.getLogger(__name__)

_FOR_GOOD = (BadDeal, BadDealId, ValidationError, TemporalRefused)
"""What will be wrong with an event however often it is passed on."""

_AWAY_FOR_ALL = 3
"""So many deals that cannot be reached in one round, and the others are not tried: it is not about one deal."""

_TIDY_EVERY, _TIDY_AT_ONCE = timedelta(hours=1), 1000


@dataclass(frozen=True)
class Pace:
    """How often and how many at once. For tests, quicker."""

    at_once: int = 100
    """Events taken from the intake in one round."""
    deals_at_once: int = 8
    """Deals that are told something at the same time; what is for one deal stays in order."""
    idle: timedelta = timedelta(seconds=2)
    """How long to wait for something new; another gateway may have taken it in."""
    first_retry: timedelta = timedelta(seconds=1)
    """After a round that failed; doubled up to ``last_retry``."""
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

    def __post_init__(self) -> None:
        self._news = asyncio.Event()
        self._tidied: datetime | None = None

    def wake(self) -> None:
        """Something new is in the intake."""
        self._news.set()

    async def run(self) -> None:
        """Pass on what waits, for ever. Whatever is away is waited for."""
        retry = self.pace.first_retry
        while True:
            self._news.clear()
            try:
                busy = await self.round()
                await self.tidy()
            except Exception as error:
                expected = isinstance(error, TemporalAway | StoreAway)
                log.warning("the dispatcher waits %s: %s", retry, error, exc_info=None if expected else error)
                await asyncio.sleep(retry.total_seconds())
                retry = min(retry * 2, self.pace.last_retry)
                continue
            retry = self.pace.first_retry
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), self.pace.idle.total_seconds())

    async def round(self) -> bool:
        """Pass on what waits now; says whether there may be more.

        Raises:
            TemporalAway: the events that met this wait as before.
            StoreAway: likewise.
        """
        now = self.clock()
        rows = await intake.waiting(self.store, self.pace.at_once, now)
        # Their deals may have been opened by other means. Those of objects wait for a link instead.
        again = await intake.unmatched(self.store, self.named_by_id, self.pace.at_once, now)
        gate, away = asyncio.Semaphore(self.pace.deals_at_once), list[Exception]()
        await asyncio.gather(*(self._to_one_deal(gate, group, away) for group in _by_deal([*rows, *again])))
        if away:
            raise away[0]
        return len(rows) == self.pace.at_once

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

    async def _to_one_deal(self, gate: asyncio.Semaphore, rows: Sequence[IntakeRow], away: list[Exception]) -> None:
        async with gate:
            try:
                for row in rows:
                    if len(away) >= _AWAY_FOR_ALL:
                        return
                    await self._pass_on(row)
            except (TemporalAway, StoreAway) as error:  # what is for this deal stays in order
                away.append(error)

    async def _pass_on(self, row: IntakeRow) -> None:
        not_before = None
        try:
            state, reason = await self._deliver(row)
        except TemporalAway as error:
            await intake.mark(self.store, row.id, row.state, at=self.clock(), error=str(error))
            raise
        except StoreAway:
            raise
        except _FOR_GOOD as error:
            state, reason = IntakeState.REFUSED, str(error)[:LONGEST_REASON]
        except UnknownPlaybook as error:
            state, reason = IntakeState.WAITING, str(error)
        except Exception as error:
            # A fault of ours with one event must not keep the others from their deals.
            log.exception("event %s of %s could not be passed on", row.event_id, row.source)
            state, reason = IntakeState.WAITING, f"{type(error).__name__}: {error}"[:LONGEST_REASON]
        if state in (IntakeState.UNMATCHED, IntakeState.WAITING):
            not_before = self.clock() + min(self.pace.again * 2 ** min(row.attempts, 12), timedelta(hours=1))
        if state is not IntakeState.DISPATCHED:
            level = logging.WARNING if state is IntakeState.REFUSED else logging.INFO
            log.log(level, "event %s of %s: %s, %s", row.event_id, row.source, state, reason)
        await intake.mark(self.store, row.id, state, at=self.clock(), error=reason, not_before=not_before)
        if state is IntakeState.UNMATCHED and row.source not in self.named_by_id and await self._deal_of(row):
            # The link was made after it was looked for, and before there was anything to make wait again.
            await intake.mark(self.store, row.id, IntakeState.WAITING, at=self.clock(), not_before=self.clock())

    async def _deliver(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        """Reach the deal. Says what became of the event, and why if it did not arrive."""
        try:
            if row.fact == OPENS_DEAL:
                return await self._open(row)
            return await self._tell(row)
        except DealFinished as error:
            return IntakeState.CLOSED_DEAL, str(error)

    async def _open(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        deal, note = admit(_object(row.payload.get("deal"))), None
        try:
            playbook = str(row.payload.get("playbook") or DEFAULT_PLAYBOOK)
            await reaching.open_deal(self.deals, self.store, deal, playbook)
        except DealExists:
            note = "the deal ran already, with other content"
        # Events that came before this one, and found no deal, wait again from here on.
        await intake.link(self.store, row.source, row.deal_ref or deal.id, deal.id)
        self.wake()
        return IntakeState.DISPATCHED, note

    async def _tell(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        if row.fact not in FACTS:
            return IntakeState.REFUSED, f"{row.fact!r} is no fact" if row.fact else "the event says no fact"
        if row.deal_ref is None:
            return IntakeState.REFUSED, "the event names no deal"
        deal_id = await self._deal_of(row)
        if deal_id is None:
            return IntakeState.UNMATCHED, f"no deal is linked to {row.deal_ref!r} of {row.source}"
        try:
            fact = FACTS[row.fact].model_validate(row.payload)
            await reaching.tell(self.deals, self.store, deal_id, fact)
        except NoSuchDeal as error:
            return IntakeState.UNMATCHED, str(error)
        return IntakeState.DISPATCHED, None

    async def _deal_of(self, row: IntakeRow) -> str | None:
        if row.deal_ref is None or row.source in self.named_by_id:
            return row.deal_ref
        return await intake.deal_for(self.store, row.source, row.deal_ref)


def _by_deal(rows: Iterable[IntakeRow]) -> list[list[IntakeRow]]:
    ordered = sorted(rows, key=lambda row: (row.source, row.deal_ref or "", row.id))
    return [list(group) for _, group in groupby(ordered, key=lambda row: (row.source, row.deal_ref))]


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
