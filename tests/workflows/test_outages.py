"""A CRM that is away for hours, over real HTTP: the deal goes on, nothing is lost, and somebody hears of it in time."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from dealwright.effects import CloseTask, CreateTask, HandOver, LogActivity, RequestApproval, UpdateCrm
from dealwright.facts import BuyingSignalSeen, LeadQualified
from dealwright.views.snapshot import Snapshot
from integrations.kit.answers import Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.delivery import Delivery, Idempotency
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Unlimited
from tests.simulators.scripted_api import scripted_api
from tests.workflows.world import World

pytestmark = pytest.mark.server
PUT = Operation(name="put a thing there", method="PUT")


class HttpCrm:
    """A CRM that knows each thing by its effect's id."""

    def __init__(self, url: str) -> None:
        self._client = ToolClient("acme", url, FixedToken(SecretStr("token")), Unlimited())

    def _put(self, effect_id: str) -> Delivery:
        async def send() -> str:
            await self._client.call(PUT, f"/{effect_id}", Payload(json={}))
            return effect_id

        return Delivery(send=send, idempotency=Idempotency.VENDOR)

    async def create_task(self, _deal_id: str, effect: CreateTask) -> Delivery:
        return self._put(f"task/{effect.id}")

    async def close_task(self, _deal_id: str, effect: CloseTask, _at: datetime) -> Delivery:
        return self._put(f"closed/{effect.id}")

    async def update_deal(self, _deal_id: str, effect: UpdateCrm) -> Delivery:
        return self._put(f"deal/{effect.id}")

    async def log_activity(self, _deal_id: str, effect: LogActivity) -> Delivery:
        return self._put(f"activity/{effect.id}")

    async def keep_package(self, _deal_id: str, effect: HandOver) -> Delivery:
        return self._put(f"package/{effect.id}")

    async def keep_approval_request(self, _deal_id: str, effect: RequestApproval) -> Delivery:
        return self._put(f"approval/{effect.id}")


def outages(seen: Snapshot) -> list[str]:
    """The points of a deal that waits for somebody who is away."""
    return [point for point in seen.attention.values() if "nothing handed over yet" in point]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def test_a_deal_goes_on_while_its_crm_is_off_and_loses_nothing(
    idle_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setattr("activities.all_activities.crm_of", lambda *_: HttpCrm(f"http://127.0.0.1:{port}"))
    async with idle_world.at_work():
        deal_id = await idle_world.open()
        await idle_world.deals.record(deal_id, BuyingSignalSeen(signal="trial"))
        await idle_world.see(deal_id, lambda seen: bool(seen.open_tasks))
        await idle_world.pass_time(deal_id, timedelta(hours=3))
        await idle_world.deals.record(deal_id, LeadQualified(level="sql"))
        await idle_world.see(deal_id, lambda _: len(idle_world.letters(deal_id)) == 1)
        assert outages(await idle_world.settle(deal_id)) == []

        await idle_world.pass_time(deal_id, timedelta(hours=2))
        await idle_world.see(deal_id, lambda seen: bool(outages(seen)))

        async with scripted_api(port) as crm:
            await idle_world.pass_time(deal_id, timedelta(hours=1))
            await idle_world.see(deal_id, lambda seen: not outages(seen))
    asked = {got.path for got in crm.got if got.path.startswith(f"/task/{deal_id}/research/")}
    assert len(asked) == 1, "one task, however often it was tried"
