"""A world whose CRM is a simulated HubSpot account, and people who work there alone."""

from __future__ import annotations

from typing import Any

from tests.faults.tool_world import ToolWorld
from tests.integrations.hubspot.account import PORTAL, Account


class HubSpotWorld(ToolWorld):
    """One installation, connected to one account."""

    @property
    def account(self) -> Account:
        """The account, as its people have it."""
        return Account(self.simulators["hubspot"])

    async def begin(self, **properties: str) -> tuple[str, str]:
        """A person creates a deal in HubSpot; returns HubSpot's id and that of the deal that it opens."""
        about = {"dealname": "Acme", "dealstage": "appointmentscheduled", **properties}
        hubspot_id = await self.account.create("deals", None, **about)
        return hubspot_id, f"hubspot-{PORTAL}-{hubspot_id}"

    async def task(self, hubspot_deal: str, title: str = "", *, status: str = "NOT_STARTED") -> dict[str, Any]:
        """The task on a HubSpot deal whose subject begins so, as soon as it is there."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            ids = await self.account.associated("deals", hubspot_deal, "tasks")
            tasks = await self.account.objects("tasks", hs_task_status=status)
            on_deal = [one for one in tasks if one["id"] in ids]
            found[:] = [one for one in on_deal if one["properties"]["hs_task_subject"].startswith(title)]
            return bool(found)

        await self.until(f"the task {title}", there)
        return found[0]

    async def complete(self, hubspot_deal: str, title: str = "") -> str:
        """A person completes a task in HubSpot; returns its id there."""
        task = await self.task(hubspot_deal, title)
        await self.account.update("tasks", task["id"], hs_task_status="COMPLETED")
        return str(task["id"])
