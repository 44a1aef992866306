from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.once_only import Checkpoint, Prepare, wall_clock
from dealwright.contract import EffectRequest
from dealwright.effects import Effect, Outcome
from dealwright.entries import Entry
from integrations.kit.delivery import Delivery
from store.database import Store
from tests.activities.fake_receiver import Killed, Receiver
from tests.simulators.mail_fixtures import mail_process, mail_server
from tests.store.databases import database, database_url, migrated_postgres, migrated_sqlite, postgres, store
from tests.store.samples import NOW, email

__all__ = [
    "database",
    "database_url",
    "mail_process",
    "mail_server",
    "migrated_postgres",
    "migrated_sqlite",
    "postgres",
    "store",
]


class Worker:
    """A worker process as the ledger sees it: it may be killed at a checkpoint, and another one goes on."""

    def __init__(self, store: Store, receiver: Receiver) -> None:
        self.store, self.receiver = store, receiver
        self.confirmed: list[tuple[str, str]] = []
        self.dies: Callable[[Checkpoint], None] | None = None

    async def attempt(
        self,
        effect: Effect | None = None,
        *,
        at: datetime = NOW,
        killed_at: Checkpoint | None = None,
        entries: tuple[Entry, ...] = (),
        prepare: Prepare | None = None,
        later: timedelta = timedelta(0),
    ) -> Outcome:
        """One attempt at an effect, ``later`` by the wall clock."""
        wanted = effect or email()

        async def ready() -> Delivery:
            return self.receiver.delivery(wanted.id)

        def kill(reached: Checkpoint) -> None:
            if reached is killed_at:
                raise Killed

        async def confirm(deal_id: str, effect_id: str) -> None:
            self.confirmed.append((deal_id, effect_id))

        ledger = Ledger(self.store, confirm, checkpoint=self.dies or kill, clock=lambda: wall_clock() + later)
        request = EffectRequest(deal_id=wanted.id.partition("/")[0], effect=wanted, entries=entries)
        return await ledger.hand_over(request, Attempt(at=at, run="run-1"), prepare or ready)

    async def attempt_until_killed(
        self, at: Checkpoint, effect: Effect | None = None, *, prepare: Prepare | None = None
    ) -> None:
        """One attempt that does not survive a checkpoint."""
        with pytest.raises(Killed):
            await self.attempt(effect, killed_at=at, prepare=prepare)

    async def attempt_killed_at_the(
        self, place: int, effect: Effect | None = None, *, prepare: Prepare
    ) -> Outcome | None:
        """One attempt that dies at the checkpoint with this number (from 0) of those it passes, if it comes so far."""
        passed = iter(range(place + 1))

        def checkpoint(reached: Checkpoint) -> None:
            if next(passed, None) == place:
                raise Killed

        self.dies = checkpoint
        try:
            return await self.attempt(effect, prepare=prepare)
        except Killed:
            return None
        finally:
            self.dies = None

    async def failed_attempt(self, effect: Effect | None = None, *, at: datetime = NOW) -> ApplicationError:
        """One attempt that Temporal is to repeat."""
        with pytest.raises(ApplicationError) as failure:
            await self.attempt(effect, at=at)
        return failure.value


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def worker(store: Store, receiver: Receiver) -> Worker:
    return Worker(store, receiver)
