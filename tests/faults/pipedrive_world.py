"""A world whose CRM is a simulated Pipedrive company, and people who work there alone."""

from __future__ import annotations

from typing import Any

from tests.faults.tool_world import ToolWorld
from tests.integrations.pipedrive.company import Company


class PipedriveWorld(ToolWorld):
    """One installation, connected to one company."""

    @property
    def company(self) -> Company:
        """The company, as its people have it."""
        return Company(self.simulators["pipedrive"])

    async def task(self, deal: int, title: str = "") -> dict[str, Any]:
        """The open task on a Pipedrive deal whose subject begins so, as soon as it is there."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            tasks = await self.company.records("activity", deal_id=deal, done=False)
            found[:] = [one for one in tasks if one["values"]["subject"].startswith(title)]
            return bool(found)

        await self.until(f"the task {title}", there)
        return found[0]
