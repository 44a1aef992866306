"""A world whose CRM is a simulated Salesforce org, and people who work there alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.faults.tool_world import ToolWorld

SAM, ANA = "sam@seller.example", "ana@seller.example"


@dataclass
class SalesforceWorld(ToolWorld):
    """One installation, connected to one org."""

    users: dict[str, str] = field(default_factory=dict)
    """The ids of people there, by address."""

    async def prepare(self) -> None:
        """Hire Sam and Ana."""
        for address in (SAM, ANA):
            name = address.partition("@")[0].title()
            self.users[address] = await self.make("User", Name=name, Email=address)

    async def make(self, sobject: str, **values: Any) -> str:
        """A person makes a record."""
        made: Any = await self.simulator.change(do="create", sobject=sobject, values=values)
        return str(made["id"])

    async def edit(self, sobject: str, id_: str, **values: Any) -> None:
        """A person changes a record."""
        await self.simulator.change(do="update", sobject=sobject, id=id_, values=values)

    async def begin(self, **values: Any) -> tuple[str, str]:
        """A person makes an opportunity; returns its id and that of the deal that it opens."""
        about = {"Name": "Acme", "StageName": "Prospecting", "CloseDate": "2027-12-31", **values}
        opportunity = await self.make("Opportunity", **about)
        return opportunity, f"salesforce-{opportunity}"

    async def records(self, sobject: str) -> dict[str, dict[str, Any]]:
        """The records of an object, by id."""
        state: Any = await self.simulator.state()
        found: dict[str, dict[str, Any]] = state["org"]["tables"][sobject]
        return found

    async def task(self, opportunity: str, title: str = "") -> dict[str, Any]:
        """The open task on an opportunity whose subject begins so, as soon as it is there."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            tasks = (await self.records("Task")).values()
            found[:] = [
                one for one in tasks
                if one["WhatId"] == opportunity and not one["IsClosed"] and one["Subject"].startswith(title)
            ]  # fmt: skip
            return bool(found)

        await self.until(f"the task {title}", there)
        return found[0]
