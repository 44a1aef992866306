"""A world whose deals enrol contacts in a simulated tool that runs cadences."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from pydantic import JsonValue
from typing_extensions import override

from dealwright.entries import EnrolmentOver
from dealwright.facts import LeadQualified
from store import bundles, intake
from store.intake import IntakeState
from tests.faults.tool_world import ToolWorld

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
        steps: [{enrol: CADENCE}, {task: call, after: 1d}]
"""


class CadenceWorld(ToolWorld):
    """One installation, connected to one tool that runs cadences; ``sequence`` is one of them."""

    sequence: ClassVar[str] = "42"
    is_out: ClassVar[str] = "finished"
    """How the tool says that a contact is in a sequence no longer."""
    steps_told: ClassVar[int] = 1
    """Of how many steps a deal hears whose contact went on by one."""

    @override
    async def prepare(self) -> None:
        source = {"playbook.yaml": _PLAYBOOK.replace("CADENCE", f"{next(iter(self.simulators))}/{self.sequence}")}
        await bundles.publish(self.world.store, "cadences", source)

    async def begin(self) -> str:
        """A deal whose contact is to be enrolled."""
        deal_id = await self.world.open("cadences")
        await self.make_known(f"ada@{deal_id}.example")
        await self.world.deals.record(deal_id, LeadQualified(id="q-1", level="sql"))
        return deal_id

    @abstractmethod
    async def standings(self, deal_id: str) -> list[str]:
        """How the deal's contact stands wherever they are, or were, in a sequence, in the tool's words."""

    @abstractmethod
    async def whom(self, deal_id: str) -> dict[str, JsonValue]:
        """The deal's contact, as people in the tool name them."""

    async def make_known(self, address: str) -> None:
        """Have the tool know somebody, where it is nobody's to tell it."""

    async def begin_to_read(self) -> None:
        """The first reading, which tells nothing."""
        await self.look()
        await self.quiet()

    async def joined(self, deal_id: str) -> None:
        """Wait until the deal's contact is in the sequence, and the deal knows."""

        async def there() -> bool:
            return bool(await self.standings(deal_id)) and not await self.under_way()

        await self.until("a contact in the sequence", there)

    async def goes_on(self, deal_id: str) -> None:
        """The contact comes to the next step of the sequence."""
        await self.simulator.change(do="advance", **await self.whom(deal_id))

    async def replies(self, deal_id: str) -> None:
        """The contact answers what the sequence sent."""
        await self.simulator.change(do="reply", **await self.whom(deal_id))

    async def over(self, deal_id: str) -> list[str]:
        """How the deal's enrolments ended."""
        story = await self.world.deals.story(deal_id)
        return [one.how for one in story if isinstance(one, EnrolmentOver)]

    async def ends(self, deal_id: str, *how: str, reading: bool = False) -> None:
        """Wait until the deal's enrolment has ended in one of these ways; with ``reading``, the tool is read too."""

        async def has_ended() -> bool:
            return await self.over(deal_id) in [[one] for one in how]

        await self.until(f"an enrolment that is {how}", self.reading(has_ended) if reading else has_ended)

    async def read_once_more(self, call: str) -> None:
        """Have the tool read, and wait until it has been, as such a call shows."""
        before = len(await self.simulator.calls(call))

        async def was_read() -> bool:
            return len(await self.simulator.calls(call)) > before

        await self.until("a reading", self.reading(was_read))

    async def passed_on(self, fact: str, *, reading: bool = False) -> None:
        """Wait until a fact has been passed on to its deal, which need not look at it at once."""

        async def is_told() -> bool:
            rows = await intake.recent(self.world.store, limit=50)
            return any(row.fact == fact and row.state is IntakeState.DISPATCHED for row in rows)

        await self.until(f"{fact} passed on", self.reading(is_told) if reading else is_told)


class OutreachWorld(CadenceWorld):
    """One that enrols contacts in Outreach."""

    @override
    async def standings(self, deal_id: str) -> list[str]:
        return [one["state"] for one in await self.states(deal_id)]

    @override
    async def whom(self, deal_id: str) -> dict[str, JsonValue]:
        return {"state": (await self.state(deal_id))["id"]}

    async def states(self, deal_id: str) -> list[dict[str, Any]]:
        """Where the deal's contact stands in Outreach's sequences."""
        held: Any = await self.simulators["outreach"].state()
        whose = [one["id"] for one in held["prospects"].values() if one["emails"] == [f"ada@{deal_id}.example"]]
        return [one for one in held["states"].values() if one["prospect"] in whose]

    async def state(self, deal_id: str) -> dict[str, Any]:
        """The sequence state of the deal's contact, as soon as there is one."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            found[:] = await self.states(deal_id)
            return bool(found)

        await self.until("a sequence state", there)
        return found[0]


class ApolloWorld(CadenceWorld):
    """One that enrols contacts in Apollo."""

    sequence: ClassVar[str] = "66e9e215ece19801b2199942"

    @override
    async def standings(self, deal_id: str) -> list[str]:
        contact = (await self.contacts()).get(f"ada@{deal_id}.example", {"statuses": []})
        return [one["status"] for one in contact["statuses"]]

    @override
    async def whom(self, deal_id: str) -> dict[str, JsonValue]:
        return {"email": f"ada@{deal_id}.example"}

    async def contacts(self) -> dict[str, dict[str, Any]]:
        """The team's contacts, by their addresses."""
        held: Any = await self.simulator.state()
        return {one["email"]: one for one in held["contacts"].values()}

    async def enrolled(self, deal_id: str) -> str:
        """The address of the deal's contact, as soon as they are in the sequence, and the deal knows."""
        address = f"ada@{deal_id}.example"

        async def there() -> bool:
            contact = (await self.contacts()).get(address)
            return contact is not None and bool(contact["statuses"]) and not await self.under_way()

        await self.until("a contact in the sequence", there)
        return address


class SalesloftCadences(CadenceWorld):
    """One that enrols contacts in Salesloft, where their people stand already."""

    is_out: ClassVar[str] = "removed"
    steps_told: ClassVar[int] = 2  # of the first one as well

    @override
    async def make_known(self, address: str) -> None:
        await self.simulator.change(do="add_person", email=address, name="Ada Berg")

    @override
    async def standings(self, deal_id: str) -> list[str]:
        held: Any = await self.simulator.state()
        ids = {one["id"] for one in held["people"].values() if one["email"] == f"ada@{deal_id}.example"}
        return [one["state"] for one in held["memberships"].values() if one["person"] in ids]

    @override
    async def whom(self, deal_id: str) -> dict[str, JsonValue]:
        return {"email": f"ada@{deal_id}.example"}

    @override
    async def goes_on(self, deal_id: str) -> None:
        await super().goes_on(deal_id)
        await self.simulator.change(do="send", **await self.whom(deal_id))
