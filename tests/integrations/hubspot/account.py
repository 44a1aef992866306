"""A simulated HubSpot account, as a test looks into it and as people use it."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.simulator.process import RunningSimulator

CLIENT_SECRET = "local-hubspot-secret"
APP_ID, PORTAL = 30000001, 40000001
SAM, ANA = ("sam@seller.example", "810000001"), ("ana@seller.example", "810000002")


async def connection_to(simulator: RunningSimulator) -> HubSpotConnection:
    """The connection that the simulator proposes, with its secrets."""
    example = await simulator.connection()
    block = dict(example.block)
    secrets = {name: SecretStr(value) for name, value in example.secrets.items()}
    block["token"], block["client_secret"] = secrets["service-key"], secrets["client-secret"]  # type: ignore[assignment]
    block["webhook_secrets"] = [secrets["client-secret"]]  # type: ignore[list-item] # read, not written
    return HubSpotConnection.model_validate(block)


class Account:
    """One account."""

    def __init__(self, simulator: RunningSimulator) -> None:
        self.simulator = simulator

    async def objects(self, kind: str, **properties: str) -> list[dict[str, Any]]:
        """The living objects of a kind that have these values."""
        state: Any = await self.simulator.state()
        found = [one for one in state["objects"][kind].values() if not one["archived"]]
        return [one for one in found if properties.items() <= one["properties"].items()]

    async def the(self, kind: str, **properties: str) -> dict[str, Any]:
        """The one object that has these values."""
        (found,) = await self.objects(kind, **properties)
        return found

    async def associated(self, kind: str, id_: str, to: str) -> list[str]:
        """The ids of what an object is associated with."""
        state: Any = await self.simulator.state()
        return [to_id for k, i, t, to_id in state["associations"] if (k, i, t) == (kind, id_, to)]

    async def create(self, kind: str, to: dict[str, str] | None = None, **properties: str) -> str:
        """A person creates an object; returns its id."""
        made: Any = await self.simulator.change(do="create", type=kind, properties=properties, to=to or {})
        return str(made["id"])

    async def update(self, kind: str, id_: str, **properties: str) -> None:
        """A person edits an object."""
        await self.simulator.change(do="update", type=kind, id=id_, properties=properties)
