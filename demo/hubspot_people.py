"""People who work in the simulated HubSpot account of the demo."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from demo.director import StoryFailed
from integrations.kit.simulator.process import RunningSimulator


class User(NamedTuple):
    """Somebody who sells: the id in HubSpot, and the address by which other tools know them."""

    id: str
    email: str


SAM, ANA = User("810000001", "sam@seller.example"), User("810000002", "ana@seller.example")
_LOOKS, _LOOK_EVERY = 300, 0.1


class HubSpotPeople:
    """What they do in HubSpot's own pages."""

    def __init__(self, account: RunningSimulator) -> None:
        self._account = account

    async def begin(self, name: str, **properties: str) -> tuple[str, str]:
        """Create a deal with a contact; returns HubSpot's id of it, and that of the deal that its webhook opens."""
        email = f"ada@{name.partition(':')[0].lower()}.example"
        contact = await self._create("contacts", {}, email=email, firstname="Ada", lastname="Berg")
        about = {"dealname": name, "dealstage": "appointmentscheduled", "hubspot_owner_id": SAM.id, **properties}
        deal = await self._create("deals", {"contacts": contact}, **about)
        portal = (await self._account.connection()).block["portal_id"]
        return deal, f"hubspot-{portal}-{deal}"

    async def edit(self, kind: str, id_: str, **properties: str) -> None:
        """Change an object."""
        await self._account.change(do="update", type=kind, id=id_, properties=properties)

    async def complete(self, deal: str, subject: str) -> None:
        """Wait for a task on a deal whose subject begins so, and complete it."""
        for _ in range(_LOOKS):
            found = [id_ for id_, title in await self._tasks_to_do(deal) if title.startswith(subject)]
            if found:
                await self.edit("tasks", found[0], hs_task_status="COMPLETED")
                return
            await asyncio.sleep(_LOOK_EVERY)
        raise StoryFailed(f"looked in vain for the task {subject!r} in HubSpot")

    async def _tasks_to_do(self, deal: str) -> list[tuple[str, str]]:
        state: Any = await self._account.state()
        on_deal = {to for kind, id_, what, to in state["associations"] if (kind, id_, what) == ("deals", deal, "tasks")}
        tasks = [(id_, state["objects"]["tasks"][id_]["properties"]) for id_ in on_deal]
        return [(id_, one["hs_task_subject"]) for id_, one in tasks if one["hs_task_status"] != "COMPLETED"]

    async def _create(self, kind: str, to: dict[str, str], **properties: str) -> str:
        made: Any = await self._account.change(do="create", type=kind, properties=properties, to=to)
        return str(made["id"])
