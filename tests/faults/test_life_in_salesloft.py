"""Deals whose contacts go through a cadence of Salesloft, by the installation's own gateway and worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from dealwright.entries import EnrolmentOver
from dealwright.facts import LeadQualified, ReplyReceived
from store import bundles, ledger, suppression, tasks
from store.ledger import LedgerState
from tests.faults.tool_world import ToolWorld, a_tool_world
from tests.faults.world import World

pytestmark = pytest.mark.server
_PLAYBOOK = """
playbook: cadences
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
      - name: cadence
        on: {lead_qualified: sql}
        until: [reply_received, opted_out]
        steps: [{enrol: salesloft/42}, {task: call, after: 1d}]
      - name: reach
        on: {lead_qualified: mql}
        until: [reply_received]
        steps: [{call: intro}, {task: write_down}]
"""


class SalesloftWorld(ToolWorld):
    """One installation whose deals enrol contacts in one Salesloft team's cadence."""

    @override
    async def prepare(self) -> None:
        await bundles.publish(self.world.store, "cadences", {"playbook.yaml": _PLAYBOOK})
        _have_touches_in_salesloft(Path(self.environment["DEALWRIGHT_CONNECTIONS"]))

    async def add(self, address: str) -> None:
        """Somebody stands in Salesloft."""
        await self.simulator.change(do="add_person", email=address, name="Ada Berg")

    async def open_with(self, address: str) -> str:
        """A deal with somebody."""
        return await self.world.open("cadences", contacts=[{"id": "ada", "name": "Ada Berg", "email": address}])

    async def qualify(self, deal_id: str) -> None:
        """What the deal enrols its contact for."""
        await self.world.deals.record(deal_id, LeadQualified(id="q-1", level="sql"))

    async def enrolled(self, address: str) -> str:
        """A deal whose contact stands in the cadence by now."""
        await self.add(address)
        deal_id = await self.open_with(address)
        await self.qualify(deal_id)

        async def there() -> bool:
            return bool(await self.memberships(address))

        await self.until("a membership", there)
        return deal_id

    async def memberships(self, address: str) -> list[dict[str, Any]]:
        """Where somebody stands, or stood, in the team's cadences."""
        held: Any = await self.simulator.state()
        ids = {one["id"] for one in held["people"].values() if one["email"] == address}
        return [one for one in held["memberships"].values() if one["person"] in ids]

    async def asked_to_call(self, address: str) -> str:
        """A deal that wants its contact called, with the task on a list by now."""
        await self.add(address)
        contact = {"id": "ada", "name": "Ada Berg", "email": address, "phone": "+49 30 123456"}
        deal_id = await self.world.open("cadences", contacts=[contact])
        await self.world.deals.record(deal_id, LeadQualified(id="q-1", level="mql"))

        async def there() -> bool:
            return bool(await self._tasks_about(address))

        await self.until("a task", there)
        return deal_id

    async def task_about(self, address: str) -> dict[str, Any]:
        """The task about somebody."""
        (one,) = await self._tasks_about(address)
        return one

    async def _tasks_about(self, address: str) -> list[dict[str, Any]]:
        held: Any = await self.simulator.state()
        ids = {one["id"] for one in held["people"].values() if one["email"] == address}
        return [one for one in held["tasks"].values() if one["person"] in ids]

    async def over(self, deal_id: str) -> list[str]:
        """How the deal's enrolments ended."""
        story = await self.world.deals.story(deal_id)
        return [one.how for one in story if isinstance(one, EnrolmentOver)]

    async def ends(self, deal_id: str, how: str) -> None:
        """Wait until the deal's enrolment has ended so."""

        async def has_ended() -> bool:
            return await self.over(deal_id) == [how]

        await self.until(f"an enrolment that is {how}", has_ended)

    async def is_out(self, address: str) -> None:
        """Wait until somebody is out of the cadence."""

        async def removed() -> bool:
            return [one["state"] for one in await self.memberships(address)] == ["removed"]

        await self.until("the contact taken out", removed)

    async def begin_to_read(self) -> None:
        """The first reading, which tells nothing."""
        await self.look_now("salesloft")

        async def looked() -> bool:
            return bool(await self.simulator.calls("GET /v2/webhook_subscriptions"))

        await self.until("the first reading", looked)
        await self.quiet()


def _have_touches_in_salesloft(connections: Path) -> None:
    connections.write_text(f"touches: salesloft\n{connections.read_text('utf-8')}", "utf-8")


@pytest.fixture
async def salesloft(own_world: World, tmp_path: Path) -> AsyncIterator[SalesloftWorld]:
    """An installation with its worker and gateway, connected to a Salesloft team of its own."""
    async with a_tool_world(SalesloftWorld, own_world, tmp_path, "salesloft") as lived:
        yield lived


async def test_contacts_are_enrolled_once_and_what_they_answer_ends_what_it_is_to_end(
    salesloft: SalesloftWorld,
) -> None:
    await salesloft.begin_to_read()
    replying, stopped, wanting_none = "rae@buyer.example", "sam@buyer.example", "ada@buyer.example"

    # Enrolled once though the answer was lost; the reply comes back, though its webhooks find no gateway.
    await salesloft.simulator.switch(retry_after=0.1, only="POST /v2/cadence_memberships", lose_response=1)
    first = await salesloft.enrolled(replying)
    await salesloft.simulator.change(do="advance", email=replying)
    await salesloft.simulator.change(do="send", email=replying)
    await salesloft.quiet()
    await salesloft.simulator.switch(subscription_disabled=True)
    await salesloft.simulator.change(do="reply", email=replying)
    await salesloft.kill("worker")
    await salesloft.kill("gateway")
    await salesloft.look_now("salesloft")
    await salesloft.has(first, "reply_received")
    await salesloft.has(first, "enrolment_advanced")
    await salesloft.simulator.switch(subscription_disabled=False)

    # What the deal learns elsewhere takes its contact out, once, though that answer is lost too.
    second = await salesloft.enrolled(stopped)
    await salesloft.quiet()
    await salesloft.simulator.switch(only="DELETE /v2/cadence_memberships", lose_response=1)
    await salesloft.world.deals.record(second, ReplyReceived(id="r-1", sentiment="interested"))
    await salesloft.ends(second, "called_off")
    await salesloft.is_out(stopped)

    # An opt-out there holds here, for each deal and for those to come.
    other = await salesloft.open_with(wanting_none)
    third = await salesloft.enrolled(wanting_none)
    await salesloft.quiet()
    await salesloft.simulator.change(do="opt_out", email=wanting_none)
    await salesloft.has(third, "opted_out")
    await salesloft.has(other, "opted_out")
    assert await suppression.suppressed(salesloft.world.store, wanting_none) is not None
    later = await salesloft.open_with(wanting_none)
    await salesloft.qualify(later)
    await salesloft.look_now("salesloft")
    await salesloft.quiet()

    memberships = [one for who in (replying, stopped, wanting_none) for one in await salesloft.memberships(who)]
    assert [(one["state"], one["additions"]) for one in memberships] == [("removed", 1)] * 3
    assert len(await salesloft.facts(first, "reply_received")) == 1
    assert await salesloft.facts(second, "enrolment_ended") == []  # it was our own doing
    assert [len(await salesloft.facts(one, "opted_out")) for one in (third, other)] == [1, 1]
    counts = await ledger.counts(salesloft.world.store)
    states = {state for kind, state in counts if kind in {"enrol_contact", "stop_enrolment"}}
    assert states == {LedgerState.RECORDED}
    assert await salesloft.not_told() == {}


async def test_calls_are_on_lists_in_salesloft_and_are_done_from_either_side(salesloft: SalesloftWorld) -> None:
    await salesloft.begin_to_read()
    await salesloft.simulator.switch(retry_after=0.1, only="(POST|PUT) /v2/tasks", lose_response=1)
    called, gone = "cal@buyer.example", "gia@buyer.example"

    # Made once though the answer was lost; whoever calls says so there, and the play goes on in the CRM.
    first = await salesloft.asked_to_call(called)
    await salesloft.simulator.change(do="complete", task=(await salesloft.task_about(called))["id"])
    await salesloft.has(first, "crm_task_completed")
    await salesloft.see(first, "the next task", lambda seen: "write_down" in {one.name for one in seen.open_tasks})

    # What is no longer wanted is completed there, once though that answer is lost too, and does not come back.
    second = await salesloft.asked_to_call(gone)
    await salesloft.quiet()
    await salesloft.simulator.switch(lose_response=1)
    await salesloft.world.deals.record(second, ReplyReceived(id="r-1", sentiment="interested"))

    async def is_off() -> bool:
        return (await salesloft.task_about(gone))["completed"] is not None

    await salesloft.until("the task off its list", is_off)
    await salesloft.look_now("salesloft")
    await salesloft.quiet()

    held: Any = await salesloft.simulator.state()
    assert [(one["subject"], one["completions"]) for one in held["tasks"].values()] == [("Call: intro", 1)] * 2
    assert await salesloft.facts(second, "crm_task_completed") == []
    assert len(await salesloft.facts(first, "crm_task_completed")) == 1
    in_crm = {one.title for one in await tasks.list_tasks(salesloft.world.store)}
    assert ("write down" in in_crm, "Call: intro" in in_crm) == (True, False), in_crm
    assert await salesloft.not_told() == {}
