"""What a story of the demo is told with: a deal on a clock of its own, and the people who act in it.

People act only as they could in real life: through ``DealClient``, over HTTP, or in a tool that is connected.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import DealError
from dealwright.commands import AcceptHandoff, Command, CompleteTask, DecideApproval, DeclineHandoff
from dealwright.contract import TELL_PEOPLE
from dealwright.deal import Account, Contact, Deal, Money, OwnValue, Person
from dealwright.decision import Verdict
from dealwright.entries import EffectSettled, EffectStarted
from dealwright.facts import Fact
from dealwright.identity import DEFAULT_PLAYBOOK, TASK_QUEUE, workflow_id
from dealwright.views.snapshot import Snapshot, TaskView
from integrations.kit.simulator.process import RunningSimulator

_TIMEOUT = timedelta(seconds=30)
_POLL_SECONDS = 0.06


class StoryFailed(AssertionError):
    """The demo's deal did not do what its story tells."""


class Director:
    """Leads one deal through its story."""

    def __init__(
        self,
        letter: str,
        deal_id: str,
        client: DealClient,
        skipper: TimeSkipper,
        gateway_url: str,
        tools: Mapping[str, RunningSimulator] = MappingProxyType({}),
    ) -> None:
        self.letter = letter
        self.deal_id = deal_id
        self.client = client
        self.gateway_url = gateway_url
        self.tools = tools
        self._skipper = skipper

    @property
    def run(self) -> WorkflowHandle[object, object]:
        """The deal's workflow."""
        return self.client.temporal.get_workflow_handle(workflow_id(self.deal_id))

    async def now(self) -> datetime:
        """The time on the deal's clock."""
        return await self._skipper.get_current_time(self.run)

    async def open(self, playbook: str = DEFAULT_PLAYBOOK, **about: object) -> None:
        """Open the deal."""
        await self.client.open(deal_of(self.deal_id, **about), playbook, until_decided=timedelta())
        await self.see(lambda seen: seen.stage is not None, "the deal is open")

    async def tell(self, fact: Fact) -> None:
        """Report a fact, as a tool would."""
        await self.client.record(self.deal_id, fact)

    async def command(self, command: Command) -> Verdict:
        """Give a command, as a person would, and make sure that it is taken."""
        verdict = await self.client.command(self.deal_id, command)
        if not verdict.accepted:
            raise StoryFailed(f"{self.letter}: {command.name} was not taken: {verdict.text}")
        return verdict

    async def complete(
        self, task: str, by: str, *, fills: Mapping[str, OwnValue] = MappingProxyType({}), **notes: str
    ) -> None:
        """Wait until somebody is asked for a task, and do it."""
        await self.wait_for_task(task)
        name = next(t.id for t in (await self.snapshot()).open_tasks if _is(t, task))
        await self.command(CompleteTask(by=by, task=name, fills=dict(fills), notes=notes))

    async def accept(self, handoff: str, by: str) -> None:
        """Wait until a handoff is offered, and accept it."""
        await self.advance_until(lambda seen: _offered(seen, handoff), f"handoff {handoff} is offered")
        await self.command(AcceptHandoff(by=by, handoff=handoff))

    async def decline(self, handoff: str, by: str, why: str) -> None:
        """Wait until a handoff is offered, and decline it."""
        await self.advance_until(lambda seen: _offered(seen, handoff), f"handoff {handoff} is offered")
        await self.command(DeclineHandoff(by=by, handoff=handoff, why=why))

    async def approve(self, by: str, **terms: Decimal) -> None:
        """Say yes to the approval that waits for somebody."""
        seen = await self.see(lambda s: any(one.waits_for == by for one in s.open_approvals), f"{by} is asked")
        asked = next(one for one in seen.open_approvals if one.waits_for == by)
        shown = {**asked.terms, **{name: str(value) for name, value in terms.items()}}
        await self.command(DecideApproval(by=by, approval=asked.id, answer="approve", terms=shown))

    async def wait_for_task(self, task: str) -> None:
        """Let time pass until somebody is asked for a task."""
        await self.advance_until(lambda seen: any(_is(t, task) for t in seen.open_tasks), f"task {task} is open")

    async def pass_time(self, duration: timedelta) -> None:
        """Let time pass on the deal's clock."""
        await self._skipper.fast_forward(self.run, duration)

    async def tell_people(self) -> None:
        """Tell everybody of work that is new to them. Where deals live by the wall clock, a Schedule does so."""
        temporal, id_ = self.client.temporal, f"{TELL_PEOPLE}-{self.letter}"
        await temporal.execute_workflow(TELL_PEOPLE, id=id_, task_queue=TASK_QUEUE)

    async def stage(self, stage: str) -> Snapshot:
        """Wait until the deal is in a stage (without letting its time pass)."""
        return await self.see(lambda seen: seen.stage == stage, f"the deal is in {stage}")

    async def advance_until(self, wanted: Callable[[Snapshot], bool], what: str, most: int = 60) -> Snapshot:
        """Let time pass, from one thing that happens to the next, until something is so."""
        for _ in range(most):
            seen = await self.snapshot()
            if wanted(seen):
                return seen
            if seen.finished or seen.next_at is None:
                break
            await self.pass_time(max(seen.next_at - await self.now(), timedelta()) + timedelta(seconds=1))
        raise StoryFailed(f"{self.letter}: waited in vain until {what}; {await self._described()}")

    async def until_mailed(self, template: str, contacts: int = 1) -> None:
        """Let time pass until a message is due, and no further; wait until so many contacts have got it."""
        seen = await self.snapshot()
        if seen.next_at is not None and template in (seen.next_action or ""):
            await self.pass_time(seen.next_at - await self.now() + timedelta(seconds=1))
        end = asyncio.get_running_loop().time() + _TIMEOUT.total_seconds()
        while asyncio.get_running_loop().time() < end:
            if len(await self.mailed(template)) >= contacts:
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise StoryFailed(f"{self.letter}: looked in vain for {contacts} times {template}; {await self._described()}")

    async def mailed(self, *templates: str) -> list[str | None]:
        """To whom messages went by now, by contact, as often as they did."""
        story = await self.client.story(self.deal_id)
        sent = {one.effect for one in story if isinstance(one, EffectSettled) and one.status == "done"}
        started = [one for one in story if isinstance(one, EffectStarted) and one.effect in sent]
        return [one.contact for one in started if one.template in templates]

    async def see(self, wanted: Callable[[Snapshot], bool], what: str) -> Snapshot:
        """Look until something is so (wall clock, bounded)."""
        end = asyncio.get_running_loop().time() + _TIMEOUT.total_seconds()
        while asyncio.get_running_loop().time() < end:
            seen = await self._snapshot_or_none()
            if seen is not None and wanted(seen):
                return seen
            await asyncio.sleep(_POLL_SECONDS)
        raise StoryFailed(f"{self.letter}: looked in vain whether {what}; {await self._described()}")

    async def end(self, outcome: str, most: timedelta = timedelta(days=900)) -> None:
        """Let time pass until the deal's life is over, and make sure how it ended."""
        await self._skipper.fast_forward(self.run, most)
        async with asyncio.timeout(_TIMEOUT.total_seconds()):
            ended = str(await self.run.result())
        if ended != outcome:
            raise StoryFailed(f"{self.letter}: ended as {ended}, not as {outcome}")

    async def snapshot(self) -> Snapshot:
        """Where the deal stands."""
        return await self.client.snapshot(self.deal_id)

    async def _snapshot_or_none(self) -> Snapshot | None:
        try:
            return await self.snapshot()
        except DealError:
            return None

    async def _described(self) -> str:
        seen = await self.snapshot()
        return f"stage {seen.stage}, next {seen.next_action} at {seen.next_at}, tasks {[t.id for t in seen.open_tasks]}"


def deal_of(deal_id: str, **about: object) -> Deal:
    """A deal of the demo's company, in Berlin unless told otherwise."""
    name = deal_id.partition("-")[0]
    given: dict[str, object] = {
        "title": f"{name.title()}: team plan",
        "account": Account(id=name, name=name.title(), domain=f"{name}.example", country="DE"),
        "contacts": (
            Contact(
                id=f"{name}-1", name="Ada Berg", email=f"ada@{name}.example", timezone="Europe/Berlin", country="DE"
            ),
        ),
        "owners": SELLERS,
        "amount": Money(amount=Decimal(24000), currency="EUR"),
    }
    return Deal.model_validate({"id": deal_id, **given, **about})


def seller(name: str, role: str) -> Person:
    """Somebody of the demo's company."""
    return Person(name=name, email=f"{role}@dealwright.local", timezone="Europe/Berlin", country="DE")


SELLERS = {
    "sdr": seller("Sam", "sdr"),
    "account_executive": seller("Alex", "ae"),
    "solutions_engineer": seller("Sol", "se"),
    "csm": seller("Cleo", "csm"),
    "sales_manager": seller("Max", "sales-manager"),
    "finance": seller("Fin", "finance"),
    "csm_lead": seller("Lee", "csm-lead"),
}
"""The people of the demo's company, by role."""


def _is(task: TaskView, name: str) -> bool:
    return name in {task.id, task.name}


def _offered(seen: Snapshot, handoff: str) -> bool:
    return any(one.name == handoff and one.accept_by is not None for one in seen.open_handoffs)
