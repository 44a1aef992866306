"""A world whose deals enrol contacts in a simulated tool that runs cadences."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, ClassVar

from typing_extensions import override

from dealwright.entries import EnrolmentOver
from dealwright.facts import LeadQualified
from store import bundles, intake
from store.intake import IntakeState
from tests.faults.tool_world import ToolWorld

_EVERY_SO_MANY_LOOKS = 20
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

    @override
    async def prepare(self) -> None:
        source = {"playbook.yaml": _PLAYBOOK.replace("CADENCE", f"{next(iter(self.simulators))}/{self.sequence}")}
        await bundles.publish(self.world.store, "cadences", source)

    async def begin(self) -> str:
        """A deal whose contact is to be enrolled."""
        deal_id = await self.world.open("cadences")
        await self.world.deals.record(deal_id, LeadQualified(id="q-1", level="sql"))
        return deal_id

    async def over(self, deal_id: str) -> list[str]:
        """How the deal's enrolments ended."""
        story = await self.world.deals.story(deal_id)
        return [one.how for one in story if isinstance(one, EnrolmentOver)]

    async def ends(self, deal_id: str, how: str, *, reading: bool = False) -> None:
        """Wait until the deal's enrolment has ended so; with ``reading``, the tool is read until it has."""

        async def has_ended() -> bool:
            return await self.over(deal_id) == [how]

        await self.until(f"an enrolment that is {how}", self._read_beside(has_ended) if reading else has_ended)

    async def read_once_more(self, call: str) -> None:
        """Have the tool read, and wait until it has been, as such a call shows."""
        before = len(await self.simulator.calls(call))

        async def was_read() -> bool:
            return len(await self.simulator.calls(call)) > before

        await self.until("a reading", self._read_beside(was_read))

    async def passed_on(self, fact: str, *, reading: bool = False) -> None:
        """Wait until a fact has been passed on to its deal, which need not look at it at once."""

        async def is_told() -> bool:
            rows = await intake.recent(self.world.store, limit=50)
            return any(row.fact == fact and row.state is IntakeState.DISPATCHED for row in rows)

        await self.until(f"{fact} passed on", self._read_beside(is_told) if reading else is_told)

    def _read_beside(self, wanted: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
        """The same, while the tool is read: a reading that is asked for while one is under way is left out."""
        looks = count()

        async def read_and_seen() -> bool:
            if await wanted():
                return True
            if next(looks) % _EVERY_SO_MANY_LOOKS == 0:
                await self.look_now(next(iter(self.simulators)))
            return False

        return read_and_seen

    async def has(self, deal_id: str, fact: str, count: int = 1) -> None:
        """Wait until the deal has taken so many facts of a name."""

        async def taken() -> bool:
            return len(await self.facts(deal_id, fact)) == count

        await self.until(f"{count} {fact}", taken)


class OutreachWorld(CadenceWorld):
    """One that enrols contacts in Outreach."""

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
