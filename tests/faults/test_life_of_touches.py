"""Deals whose contacts are called from lists in Outreach and Apollo, by the installation's own gateway and worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typing_extensions import override

from dealwright.facts import LeadQualified, ReplyReceived
from store import bundles, ledger, tasks
from store.ledger import LedgerState
from tests.faults.cadence_world import CadenceWorld
from tests.faults.tool_world import a_tool_world
from tests.faults.world import World

pytestmark = pytest.mark.server
_PLAYBOOK = """
playbook: touches
calendar: {hours: "Mon-Sun 00:00-24:00"}
roles:
  rep: {title: Whoever sells}
ends:
  - {when: deal_lost, as: lost}
stages:
  - name: prospecting
    owner: rep
    leave_when: contract_signed
    stalls_after: 400d
    plays:
      - name: reach
        on: {lead_qualified: mql}
        until: [reply_received]
        steps: [{call: intro}, {task: write_down}]
"""


class TouchesWorld(CadenceWorld):
    """One installation whose calls are tasks in another tool."""

    calls: ClassVar[str]
    """What makes a task there, or takes one off its list, as a pattern."""
    about: ClassVar[str]
    """What the tool's tasks are about: ``contact``."""

    @override
    async def prepare(self) -> None:
        await bundles.publish(self.world.store, "touches", {"playbook.yaml": _PLAYBOOK})
        _have_touches_in(next(iter(self.simulators)), Path(self.environment["DEALWRIGHT_CONNECTIONS"]))

    async def asked_to_call(self, address: str) -> tuple[str, dict[str, Any]]:
        """A deal that wants its contact called, and the task that is on a list by now, as both know."""
        contact = {"id": "ada", "name": "Ada Berg", "email": address, "phone": "+49 30 123456"}
        deal_id = await self.world.open("touches", contacts=[contact])
        await self.world.deals.record(deal_id, LeadQualified(id="q-1", level="mql"))

        async def there() -> bool:
            return bool(await self.tasks_about(address)) and not await self.under_way()

        await self.until("a task", there)
        return deal_id, (await self.tasks_about(address))[0]

    async def tasks_about(self, address: str) -> list[dict[str, Any]]:
        """The tasks there about somebody."""
        held: Any = await self.simulator.state()
        people = held[f"{self.about}s"].values()
        whose = {one["id"] for one in people if address in one.get("emails", [one.get("email")])}
        return [one for one in held["tasks"].values() if one[self.about] in whose]


class OutreachTouches(TouchesWorld):
    """In Outreach."""

    calls, about = "(POST|DELETE) /api/v2/tasks", "prospect"


class ApolloTouches(TouchesWorld):
    """In Apollo."""

    calls, about = "POST /api/v1/tasks(/[0-9a-f]+/.*)?$", "contact"


def _have_touches_in(tool: str, connections: Path) -> None:
    connections.write_text(f"touches: {tool}\n{connections.read_text('utf-8')}", "utf-8")


@pytest.fixture(params=[("outreach", OutreachTouches), ("apollo", ApolloTouches)], ids=["outreach", "apollo"])
async def touches(request: pytest.FixtureRequest, own_world: World, tmp_path: Path) -> AsyncIterator[TouchesWorld]:
    """An installation with its worker and gateway, connected to a team of its own."""
    tool, kind = request.param
    async with a_tool_world(kind, own_world, tmp_path, tool) as lived:
        yield lived


async def test_calls_are_on_lists_there_once_and_are_done_from_either_side(touches: TouchesWorld) -> None:
    await touches.look_now(next(iter(touches.simulators)))
    await touches.simulator.switch(retry_after=0.1, only=touches.calls, lose_response=1)

    # Made once though the answer was lost; whoever calls says so there, while worker and gateway are killed.
    first, made = await touches.asked_to_call("cal@buyer.example")
    await touches.kill("worker")
    await touches.kill("gateway")
    await touches.simulator.change(do="complete", task=made["id"], says="Outcome: Spoke")
    await touches.passed_on("crm_task_completed", reading=True)
    await touches.has(first, "crm_task_completed")
    await touches.see(first, "the next task", lambda seen: "write_down" in {one.name for one in seen.open_tasks})

    # What is no longer wanted is taken off there, once though that answer is lost too, and does not come back.
    second, _ = await touches.asked_to_call("gia@buyer.example")
    await touches.quiet()
    await touches.simulator.switch(lose_response=1)
    await touches.world.deals.record(second, ReplyReceived(id="r-1", sentiment="interested"))

    async def is_off() -> bool:
        there = await touches.tasks_about("gia@buyer.example")
        return not there or there[0].get("status") == "skipped"

    await touches.until("the task off its list", is_off)
    await touches.look_now(next(iter(touches.simulators)))
    await touches.quiet()

    assert [one["id"] for one in await touches.tasks_about("cal@buyer.example")] == [made["id"]]
    assert len(await touches.tasks_about("gia@buyer.example")) <= 1
    assert await touches.facts(second, "crm_task_completed") == []
    assert len(await touches.facts(first, "crm_task_completed")) == 1
    in_crm = {one.title for one in await tasks.list_tasks(touches.world.store)}
    assert ("write down" in in_crm, "Call: intro" in in_crm) == (True, False), in_crm
    counts = await ledger.counts(touches.world.store)
    assert {state for kind, state in counts if kind in {"create_task", "close_task"}} == {LedgerState.RECORDED}
    assert await touches.not_told() == {}
