"""A worker's process is killed with SIGKILL at each point of the effect protocol; another process takes over.

All ten lives (five points, two databases) run side by side: the next worker waits ten seconds for a sign of life.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest

from activities.once_only import Checkpoint
from dealwright.commands import ResolveTouch
from dealwright.facts import LeadQualified
from dealwright.views.snapshot import Snapshot
from local.server.server import LocalServer
from store import journal
from store.ledger import LedgerState
from tests.faults.world import World, a_database, a_world
from tests.simulators.mailbox_server import MailServer
from tests.temporal_environment import wait_until

pytestmark = pytest.mark.server

KNOWN = {Checkpoint.AFTER_CLAIM, Checkpoint.AFTER_RECORD}
"""Killed here, a worker leaves no doubt."""
REACHED_THE_SERVER = set(Checkpoint) - {Checkpoint.BEFORE_HAND_OVER}


@dataclass(frozen=True)
class Life:
    """A deal whose first letter cost a worker its life."""

    world: World
    deal_id: str
    first: str
    """The first letter's effect."""
    killed_by: int | None
    snapshot: Snapshot
    """When another worker had looked at what was left."""


Lives = dict[tuple[str, Checkpoint], Life]


async def live(stack: AsyncExitStack, world: World, point: Checkpoint) -> Life:
    """Open a deal, lose a worker at a point, and let another one go on."""
    deal_id = await world.open()
    first = f"{deal_id}/cadence/1/1/1"
    async with world.worker(killed_at=point) as victim:
        await world.deals.record(deal_id, LeadQualified(id="q-1", level="sql"))
        killed_by = await victim.ended()
    await stack.enter_async_context(world.worker())
    await world.settled(deal_id, first)
    return Life(world, deal_id, first, killed_by, await world.deals.snapshot(deal_id))


@pytest.fixture(scope="module")
async def lives(
    temporal_server: LocalServer,
    mail: MailServer,
    postgres: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Lives]:
    cases = list(product(("sqlite", "postgresql"), Checkpoint))
    async with AsyncExitStack() as stack:

        async def lived(database: str, point: Checkpoint) -> Life:
            folder = tmp_path_factory.mktemp(point.value)
            url = a_database(database, folder, postgres)
            world = await stack.enter_async_context(a_world(temporal_server.address, url, mail, folder))
            return await live(stack, world, point)

        made = await asyncio.gather(*(lived(*case) for case in cases))
        yield dict(zip(cases, made, strict=True))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.mark.parametrize("point", Checkpoint)
def test_the_worker_was_killed(lives: Lives, database: str, point: Checkpoint) -> None:
    assert lives[database, point].killed_by == -signal.SIGKILL


@pytest.mark.parametrize("point", Checkpoint)
async def test_a_message_reaches_the_mail_server_once_or_not_at_all(
    lives: Lives, database: str, point: Checkpoint
) -> None:
    life = lives[database, point]
    sent = [letter.effect for letter in life.world.letters(life.deal_id)]
    assert sent.count(life.first) == (1 if point in REACHED_THE_SERVER else 0)
    row = (await life.world.emails(life.deal_id))[life.first]
    assert row.hand_overs == 1
    assert row.state is (LedgerState.RECORDED if point in KNOWN else LedgerState.UNCERTAIN)


@pytest.mark.parametrize("point", sorted(KNOWN))
def test_where_it_is_known_what_became_of_a_message_nobody_is_asked(
    lives: Lives, database: str, point: Checkpoint
) -> None:
    seen = lives[database, point].snapshot
    assert (seen.uncertain_touches, seen.attention, seen.open_tasks) == ((), {}, ())


@pytest.mark.parametrize("point", sorted(set(Checkpoint) - KNOWN))
async def test_where_nobody_can_know_a_person_is_asked_and_settles_it(
    lives: Lives, database: str, point: Checkpoint
) -> None:
    life = lives[database, point]
    world, seen = life.world, await life.world.deals.snapshot(life.deal_id)
    assert seen.uncertain_touches == (life.first,)
    assert list(seen.attention) == [f"effect:{life.first}"]
    assert [(task.name, task.role) for task in seen.open_tasks] == [("settle_uncertain", "rep")]
    answer = ResolveTouch(by="Ana", why="looked into the mail log", effect=life.first, sent=point in REACHED_THE_SERVER)
    assert (await world.deals.command(life.deal_id, answer)).accepted
    settled = await world.deals.snapshot(life.deal_id)
    assert (settled.uncertain_touches, settled.attention, settled.open_tasks) == ((), {}, ())

    async def known_in_the_ledger() -> bool:
        row = (await world.emails(life.deal_id))[life.first]
        return row.state is LedgerState.RECORDED and row.result is not None

    await wait_until(known_in_the_ledger)


async def test_nothing_is_sent_again_later_and_the_play_goes_on(lives: Lives, database: str) -> None:
    mine = [(point, lives[database, point]) for point in Checkpoint]
    await asyncio.gather(*(life.world.pass_time(life.deal_id, timedelta(days=5)) for _, life in mine))
    for point, life in mine:
        subjects = [letter.subject for letter in life.world.letters(life.deal_id)]
        first = ["Message one"] if point in REACHED_THE_SERVER else []
        assert subjects == [*first, "Message two", "Message three"]
        rows = await life.world.emails(life.deal_id)
        assert [row.hand_overs for row in rows.values()] == [1, 1, 1]


async def test_the_journal_tells_each_entry_once(lives: Lives, database: str) -> None:
    for point in Checkpoint:
        life = lives[database, point]
        numbers = [line.number for line in await journal.story(life.world.store, life.deal_id)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert await journal.undone(life.world.store, life.deal_id) == []
