"""Whole lives of deals while worker processes and the Temporal server are killed at random moments.

At the end it is counted at the receiving end: nobody but the mail server knows what was really sent.
"""

from __future__ import annotations

import asyncio
import functools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from dealwright.client.errors import DealFinished, TemporalAway
from dealwright.commands import Close
from dealwright.decision import SEARCH_ATTRIBUTES
from dealwright.facts import (
    ContractSigned,
    DealLost,
    DemoBooked,
    DemoHeld,
    DiscoveryHeld,
    Fact,
    LeadQualified,
    MeetingBooked,
    NextStepAgreed,
    ProposalOpened,
    ProposalSent,
    QualificationLearned,
    ReplyReceived,
    UsageReported,
)
from dealwright.facts.knowledge import Answers
from dealwright.identity import workflow_id
from local.server.plan import ServerPlan
from local.server.server import LocalServer
from playbooks import shipped
from runtime.plugin import deals_plugin
from store import bundles, journal, ledger
from store.ledger import LedgerRow, LedgerState
from tests.faults.processes import Forked
from tests.faults.world import World, a_database, a_world
from tests.simulators.mailbox_server import MailServer
from workflows.deal import DealWorkflow

pytestmark = pytest.mark.server

WORKERS, WORKERS_KILLED, SERVERS_KILLED = 2, 5, 2
LONGEST = 400
MAILED = {"send_email", "hand_over"}
"""Kinds of effects of which a message tells."""
OWNERS = {
    role: {"name": role, "email": f"{role}@sales.example"}
    for role in ("sdr", "account_executive", "solutions_engineer", "csm")
}
ANSWERS = Answers(
    budget="24k", authority="VP Sales", need="Follow-ups get lost", timeline="Now", pain="Slow", champion="Ada"
)

Step: TypeAlias = Fact | timedelta | Close
"""A fact that is told, time that passes, or the end."""


async def won(world: World, deal_id: str) -> Sequence[Step]:
    """From a cold lead to a customer."""
    now = await world.now(deal_id)
    meeting, demo = now + timedelta(days=9), now + timedelta(days=16)
    signed = (now + timedelta(days=25)).date()
    days = timedelta
    return [
        LeadQualified(id="1", level="sql"), days(days=4), ReplyReceived(id="2", sentiment="interested"),
        MeetingBooked(id="3", starts_at=meeting), days(days=6), DiscoveryHeld(id="4"),
        QualificationLearned(id="5", answers=ANSWERS), NextStepAgreed(id="6"), DemoBooked(id="7", starts_at=demo),
        days(days=7), DemoHeld(id="8"), days(days=3), ProposalSent(id="9", proposal_id="p-1"), days(days=3),
        ProposalOpened(id="10", proposal_id="p-1"), days(days=2),
        ContractSigned(id="11", starts_on=signed, ends_on=signed + timedelta(days=364)), days(days=60),
        UsageReported(id="12", health=20), days(days=250), UsageReported(id="13", health=80),
        Close(by="Ana", why="the story ends", outcome="completed"),
    ]  # fmt: skip


async def silent(_: World, __: str) -> Sequence[Step]:
    """Nobody ever answers: the deal closes itself."""
    return [LeadQualified(id="1", level="mql"), *[timedelta(days=10)] * 6]


async def lost(world: World, deal_id: str) -> Sequence[Step]:
    """They answer late, are met, and decide against us."""
    meeting = await world.now(deal_id) + timedelta(days=16)
    return [
        LeadQualified(id="1", level="sql"), timedelta(days=12), ReplyReceived(id="2", sentiment="interested"),
        MeetingBooked(id="3", starts_at=meeting), timedelta(days=6), DiscoveryHeld(id="4"), timedelta(days=2),
        DealLost(id="5", reason="no budget"),
    ]  # fmt: skip


@dataclass
class Lived:
    """A deal and the facts that it acknowledged."""

    deal_id: str
    told: list[tuple[str, str]] = field(default_factory=list)


async def insist(do: Callable[[], Awaitable[object]]) -> None:
    """Do something again until it worked: whatever is away comes back."""
    while True:
        try:
            await asyncio.wait_for(do(), 60)
        except (TemporalAway, RPCError, TimeoutError):
            await asyncio.sleep(0.2)
        else:
            return


async def live(world: World, lived: Lived, steps: Sequence[Step]) -> None:
    """Tell a deal what happens, let time pass, and wait for its end."""
    for step in steps:
        await insist(functools.partial(_take, world, lived.deal_id, step))
        if isinstance(step, Fact):
            lived.told.append((step.name, str(step.id)))
    await insist(lambda: _ended(world, lived.deal_id))


async def _take(world: World, deal_id: str, step: Step) -> None:
    if isinstance(step, timedelta):
        await _pass_time(world, deal_id, step)
    elif isinstance(step, Fact):
        await world.deals.record(deal_id, step)
    else:
        with suppress(DealFinished):  # it was carried out; only the answer was lost
            await world.deals.command(deal_id, step, command_id="the-end")


async def _pass_time(world: World, deal_id: str, duration: timedelta) -> None:
    try:
        await world.pass_time(deal_id, duration)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # for a deal that is over, no time passes
            raise


async def _ended(world: World, deal_id: str) -> None:
    while (await world.run_of(deal_id).describe()).status is WorkflowExecutionStatus.RUNNING:
        await _pass_time(world, deal_id, timedelta(hours=1))


class Fleet:
    """Workers' processes: one that dies is replaced."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running = [asyncio.Queue[Forked]() for _ in range(WORKERS)]
        self.killed = 0

    async def kill(self, number: int) -> None:
        """Kill one of them, as soon as it runs."""
        victim = await self._running[number].get()
        victim.kill()
        await victim.ended()
        self.killed += 1

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        keeping = [asyncio.create_task(self._keep(number)) for number in range(WORKERS)]
        try:
            yield
        finally:
            for one in keeping:
                one.cancel()
            await asyncio.wait(keeping)

    async def _keep(self, number: int) -> None:
        while True:
            async with self._world.worker() as worker:
                self._running[number].put_nowait(worker)
                await worker.ended()


async def havoc(fleet: Fleet, server: LocalServer, chance: random.Random) -> None:
    """Kill workers and the server, each at a random moment."""
    victims = ["worker"] * WORKERS_KILLED + ["server"] * SERVERS_KILLED
    chance.shuffle(victims)
    for victim in victims:
        await asyncio.sleep(chance.uniform(0.5, 3))
        if victim == "worker":
            await fleet.kill(chance.randrange(WORKERS))
        else:
            await server.kill()
            await server.restart()


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalServer]:
    """A server that may be killed."""
    folder = tmp_path_factory.mktemp("mortal")
    plan = ServerPlan(directory=folder, search_attributes=SEARCH_ATTRIBUTES, ui=False, durable=False, own=True)
    async with LocalServer.start(plan) as server:
        yield server


@dataclass
class After:
    """What is left to be counted."""

    world: World
    lives: list[Lived]
    killed: int

    async def rows(self) -> list[LedgerRow]:
        return [row for one in self.lives for row in await ledger.of_deal(self.world.store, one.deal_id)]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def after(
    request: pytest.FixtureRequest,
    server: LocalServer,
    postgres: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[After]:
    """Three lives, lived through everything."""
    folder = tmp_path_factory.mktemp("lives")
    url = a_database(request.param, folder, postgres)
    async with MailServer(folder / "mail.jsonl") as mail, a_world(server.address, url, mail, folder) as world:
        await bundles.publish_new(world.store, shipped())
        fleet, lives = Fleet(world), []
        async with fleet.at_work(), asyncio.timeout(LONGEST), asyncio.TaskGroup() as tasks:
            tasks.create_task(havoc(fleet, server, random.Random(f"{request.param}-1")))
            for story in (won, silent, lost):
                lived = Lived(await world.open("b2b-saas", source="outbound", owners=OWNERS))
                lives.append(lived)
                tasks.create_task(live(world, lived, await story(world, lived.deal_id)))
        yield After(world, lives, fleet.killed)


def test_workers_were_killed_while_the_deals_lived(after: After) -> None:
    assert after.killed == WORKERS_KILLED


def test_no_message_reached_anybody_twice(after: After) -> None:
    sent = Counter(letter.effect for letter in after.world.mail.messages())
    assert None not in sent
    assert sent.total() > 10
    assert [effect for effect, times in sent.items() if times > 1] == []


async def test_the_ledger_tells_what_the_mailbox_holds(after: After) -> None:
    sent = {letter.effect for letter in after.world.mail.messages()}
    rows = await after.rows()
    done = {row.effect_id for row in rows if row.kind in MAILED and row.result and row.result.status == "done"}
    uncertain = {row.effect_id for row in rows if row.state is LedgerState.UNCERTAIN}
    assert done <= sent
    assert sent <= done | uncertain
    assert len(uncertain) <= after.killed
    assert [row.effect_id for row in rows if row.kind == "send_email" and row.hand_overs > 1] == []


async def test_nothing_is_left_half_done(after: After) -> None:
    halves = {LedgerState.CLAIMED, LedgerState.HANDING_OVER, LedgerState.RELEASED}
    assert [row.effect_id for row in await after.rows() if row.state in halves] == []


async def test_every_fact_that_was_acknowledged_is_in_the_journal_once(after: After) -> None:
    for lived in after.lives:
        lines = await journal.story(after.world.store, lived.deal_id)
        assert [line.number for line in lines] == list(range(1, len(lines) + 1))
        taken = [(str(line.entry["fact"]), str(line.entry["id"])) for line in lines if line.kind == "fact_taken"]
        assert taken == lived.told
        assert lines[-1].kind == "deal_closed" or "deal_closed" in {line.kind for line in lines}
        assert await journal.undone(after.world.store, lived.deal_id) == []


async def test_every_run_can_be_replayed(after: After) -> None:
    replayer = Replayer(workflows=[DealWorkflow], plugins=[deals_plugin()])
    for lived in after.lives:
        async for run in after.world.client.list_workflows(f'WorkflowId = "{workflow_id(lived.deal_id)}"'):
            handle = after.world.client.get_workflow_handle(run.id, run_id=run.run_id)
            await replayer.replay_workflow(await handle.fetch_history())
