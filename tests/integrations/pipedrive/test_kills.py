"""Wherever a worker is killed while it opens a deal in Pipedrive or writes a task there, nothing is made twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from activities.once_only import Checkpoint
from dealwright.effects import Effect
from integrations.kit.delivery import LONGEST_CALL, Delivery
from integrations.pipedrive.crm import PipedriveCrm
from integrations.pipedrive.deal_record import SEARCH_LAG
from integrations.pipedrive.settings import PipedriveConnection
from store.database import Store
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Killed, Receiver
from tests.integrations.pipedrive.company import Company
from tests.integrations.pipedrive.test_crm import task, update
from tests.store.databases import migrated

PLACES = range(13)
"""An update passes the five checkpoints of opening the deal, and its own five; a task likewise."""
MUCH_LATER = LONGEST_CALL + SEARCH_LAG + timedelta(seconds=5)


@pytest.fixture
async def own_store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path))
    yield store
    await store.close()


@pytest.fixture
async def own_crm(connection: PipedriveConnection, own_store: Store, company: Company) -> AsyncIterator[PipedriveCrm]:
    crm = PipedriveCrm(connection, own_store)
    yield crm
    await crm.close()


async def hand_over(worker: Worker, effect: Effect, prepare: Callable[[], Awaitable[Delivery]], killed_at: int) -> str:
    """What becomes of an effect whose worker is killed at the checkpoint of this number, and which is tried again."""
    passed = iter(range(killed_at + 1))

    def kill(_: Checkpoint) -> None:
        if next(passed, None) == killed_at:
            raise Killed

    worker.dies = kill
    with suppress(Killed):
        return (await worker.attempt(effect, prepare=prepare)).status
    worker.dies = lambda _: None
    return (await worker.attempt(effect, prepare=prepare, later=MUCH_LATER)).status


@pytest.mark.parametrize("place", PLACES)
async def test_killed_anywhere_a_deal_is_opened_once(
    own_store: Store, own_crm: PipedriveCrm, company: Company, place: int
) -> None:
    effect, deal_id = update(), f"deal-{uuid4().hex[:12]}"

    status = await hand_over(Worker(own_store, Receiver()), effect, lambda: own_crm.update_deal(deal_id, effect), place)

    assert status == "done"
    assert len(await company.deals_of(deal_id)) == 1


@pytest.mark.parametrize("place", PLACES)
async def test_killed_anywhere_a_task_is_written_once_or_a_person_is_asked(
    own_store: Store, own_crm: PipedriveCrm, company: Company, place: int
) -> None:
    effect, deal_id = task(), f"deal-{uuid4().hex[:12]}"

    status = await hand_over(Worker(own_store, Receiver()), effect, lambda: own_crm.create_task(deal_id, effect), place)

    (deal,) = await company.deals_of(deal_id)
    tasks = await company.records("activity", deal_id=deal["id"])
    assert (status, len(tasks)) in {("done", 1), ("uncertain", 0)}
