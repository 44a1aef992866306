"""A simulated Pipedrive company, as a test looks into it and as people use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from integrations.kit.simulator.process import RunningSimulator
from integrations.pipedrive.settings import PipedriveConnection
from tests.simulators.forked import running_simulator

KEY_FIELD, ORGANIZATION_KEY = f"{0xDEA1:040x}", f"{0xDEA3:040x}"
WEBSITE = "5" * 40
"""A field of organizations, once somebody has added it."""
US, SAM, ANA = 14_000_001, ("sam@seller.example", 14_000_002), ("ana@seller.example", 14_000_003)


@asynccontextmanager
async def running_company() -> AsyncIterator[RunningSimulator]:
    """A process that is a company of its own: its index is never late, and its quota does not run out."""
    options = {"calls_in_two_seconds": "5000", "tokens_a_day": "9000000"}
    async with running_simulator("integrations.pipedrive.simulator", options=options) as running:
        await running.switch(search_lag=0)
        yield running


async def connection_to(simulator: RunningSimulator) -> PipedriveConnection:
    """The connection that the simulator proposes, with its secrets."""
    example = await simulator.connection()
    secrets = {name: SecretStr(value) for name, value in example.secrets.items()}
    read = {"token": secrets["token"], "webhook_secrets": [secrets["login"]]}
    return PipedriveConnection.model_validate({**example.block, **read})


class Company:
    """One company."""

    def __init__(self, simulator: RunningSimulator) -> None:
        self.simulator = simulator

    async def records(self, kind: str, **values: Any) -> list[dict[str, Any]]:
        """The living records of a kind that have these values."""
        state: Any = await self.simulator.state()
        found = [one for one in state["records"][kind].values() if not one["is_deleted"]]
        return [one for one in found if values.items() <= one["values"].items()]

    async def deals_of(self, deal_id: str) -> list[dict[str, Any]]:
        """The deals under our key."""
        return [one for one in await self.records("deal") if one["custom_fields"].get(KEY_FIELD) == deal_id]

    async def deal_of(self, deal_id: str) -> dict[str, Any]:
        """The one deal under our key."""
        (found,) = await self.deals_of(deal_id)
        return found

    async def get(self, kind: str, id_: int | str) -> dict[str, Any]:
        """The values of a record."""
        state: Any = await self.simulator.state()
        values: dict[str, Any] = state["records"][kind][str(id_)]["values"]
        return values

    async def create(self, kind: str, **values: Any) -> int:
        """A person makes a record; returns its id."""
        made: Any = await self.simulator.change(do="create", kind=kind, values=values)
        return int(made["id"])

    async def update(self, kind: str, id_: int, **values: Any) -> None:
        """A person edits a record."""
        await self.simulator.change(do="update", kind=kind, id=id_, values=values)
