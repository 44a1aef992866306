"""Whose deals a process works on: those whose ledger is in its store, and no others."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from temporalio.client import Client

from dealwright.client.deal_client import DealClient
from dealwright.identity import workflow_id
from local.server.server import LocalServer
from tests.e2e.forked import dealwright, run_forked
from tests.e2e.processes import BIN, Ended, running
from tests.e2e.test_refusals import one_line
from tests.e2e.test_up import FREE_PORTS
from tests.temporal_environment import new_deal_id, new_namespace

pytestmark = pytest.mark.server


class RealDeals:
    """A namespace with a deal in it that waits for its own worker, and the environment that leads there."""

    def __init__(self, server: LocalServer, client: Client, folder: Path) -> None:
        self.client, self.deal_id = client, new_deal_id("real")
        self.environment = {
            "TEMPORAL_ADDRESS": server.address, "TEMPORAL_NAMESPACE": client.namespace,
            "DATABASE_URL": f"sqlite:///{folder / 'real.db'}", "DEALWRIGHT_API_KEYS": "a-key-of-the-tests-1",
            "DEALWRIGHT_GATEWAY_PORT": "0",
        }  # fmt: skip

    async def open(self) -> None:
        """Let their worker take the namespace, and open the deal while it is away."""
        assert (await dealwright("migrate", **self.environment)).code == 0
        async with running([BIN / "dealwright-worker"], **self.environment) as worker:
            await worker.says('"event": "working"')
            assert await worker.end(signal.SIGTERM) == 0
        await DealClient(self.client).open({"id": self.deal_id, "source": "inbound"})

    async def untouched(self) -> bool:
        """Whether nobody has worked on the deal."""
        history = await self.client.get_workflow_handle(workflow_id(self.deal_id)).fetch_history()
        return [event.event_id for event in history.events] == [1, 2]


@pytest.fixture(scope="module")
async def real(temporal_server: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> RealDeals:
    """Deals that nobody touches: for all that must leave them alone."""
    return await real_deals(temporal_server, tmp_path_factory.mktemp("real"))


async def real_deals(server: LocalServer, folder: Path) -> RealDeals:
    deals = RealDeals(server, await new_namespace(server.address), folder)
    await deals.open()
    return deals


async def with_another_store(command: list[str], real: RealDeals, folder: Path) -> Ended:
    other = {**real.environment, "DATABASE_URL": f"sqlite:///{folder / 'other.db'}"}
    assert (await dealwright("migrate", **other)).code == 0
    return await run_forked(*command, **other)


@pytest.mark.parametrize("command", [["dealwright-worker"], ["dealwright", "gateway"]])
async def test_a_process_with_another_store_refuses_to_start(
    command: list[str], real: RealDeals, tmp_path: Path
) -> None:
    line = one_line(await with_another_store(command, real, tmp_path))
    assert "belong to another store than" in line
    assert "dealwright installation --bind" in line
    assert await real.untouched()


async def test_up_refuses_a_configured_server_whose_deals_are_not_those_of_its_data(
    real: RealDeals, tmp_path: Path
) -> None:
    ended = await dealwright("up", "--data", str(tmp_path / "data"), *FREE_PORTS, **real.environment)
    assert "belong to another store than" in one_line(ended)
    assert await real.untouched()


async def test_a_second_up_on_the_data_of_the_first_refuses_also_when_it_is_led_to_its_server(tmp_path: Path) -> None:
    up = ("up", "--data", str(tmp_path), *FREE_PORTS)
    async with running([BIN / "dealwright", *up]) as first:
        address = (await first.says(r"Temporal\s+(127\.0\.0\.1:\d+)")).group(1)
        for environment in ({}, {"TEMPORAL_ADDRESS": address}):
            assert f"{tmp_path} is in use by process" in one_line(await dealwright(*up, **environment))


async def test_a_demo_beside_real_deals_leaves_them_alone_whatever_is_exported(real: RealDeals) -> None:
    loud = {"DEALWRIGHT_CHAT_WEBHOOK_URL": "http://127.0.0.1:1/chat", "DEALWRIGHT_SMTP_TLS": "tls"}
    ended = await dealwright("demo", **real.environment, **loud)
    assert ended.code == 0, ended.out[-3000:] + ended.err[-2000:]
    assert real.environment["TEMPORAL_ADDRESS"] not in ended.out
    assert await real.untouched()


async def test_the_operator_is_shown_who_belongs_together_and_can_bind_anew(
    temporal_server: LocalServer, tmp_path: Path
) -> None:
    real = await real_deals(temporal_server, tmp_path)

    async def told(environment: dict[str, str], *options: str) -> tuple[int, bool]:
        ended = await dealwright("installation", "--json", *options, **environment)
        return ended.code, json.loads(ended.out)["together"]

    other = {**real.environment, "DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}
    assert (await dealwright("migrate", **other)).code == 0
    assert await told(real.environment) == (0, True)
    assert await told(other) == (1, False)
    assert await told(other, "--bind", "--yes") == (0, True)
    assert await told(other) == (0, True)
    assert await told(real.environment) == (1, False)
