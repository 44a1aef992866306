"""A world whose deals enrol contacts in a simulated tool that runs cadences."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from dealwright.entries import EnrolmentOver
from dealwright.facts import LeadQualified
from store import bundles
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
    """One installation, connected to one tool that runs cadences."""

    @property
    def cadence(self) -> str:
        """What the playbook enrols in."""
        return f"{next(iter(self.simulators))}/42"

    @override
    async def prepare(self) -> None:
        source = {"playbook.yaml": _PLAYBOOK.replace("CADENCE", self.cadence)}
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

    async def ends(self, deal_id: str, how: str) -> None:
        """Wait until the deal's enrolment has ended so."""

        async def has_ended() -> bool:
            return await self.over(deal_id) == [how]

        await self.until(f"an enrolment that is {how}", has_ended)

    async def has(self, deal_id: str, fact: str, count: int = 1) -> None:
        """Wait until the deal has taken so many facts of a name."""

        async def taken() -> bool:
            return len(await self.facts(deal_id, fact)) == count

        await self.until(f"{count} {fact}", taken)

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
