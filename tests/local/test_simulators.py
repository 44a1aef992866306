"""Simulated tools beside all else, and the connections file that leads to them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from gateway.run import options_of
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.simulator.process import SimulatorFailed
from integrations.kit.simulator.simulator import ConnectionExample
from integrations.meteroid.settings import MeteroidConnection
from integrations.registry import connections_at
from integrations.slack.settings import SlackConnection
from integrations.stripe.settings import StripeConnection
from local.simulators import NoSimulator, simulated_tools, write_connections
from runtime.settings import Settings


def test_the_connections_file_leads_to_the_simulator_and_holds_no_secret(tmp_path: Path) -> None:
    example = ConnectionExample(
        source="hubspot", is_crm=True, block={"token": "secret:key", "others": ["secret:b"], "base_url": "http://x"},
        secrets={"key": "of-great-value", "b": "of-some"},
    )  # fmt: skip

    text = write_connections(tmp_path, [example]).read_text()

    assert "of-great-value" not in text
    read = yaml.safe_load(text)
    assert read["crm"] == "hubspot"
    assert read["tools"]["hubspot"]["base_url"] == "http://x"
    kind, _, file = read["tools"]["hubspot"]["token"].partition(":")
    assert (kind, Path(file).read_text(), Path(file).stat().st_mode & 0o077) == ("file", "of-great-value", 0)


@pytest.mark.parametrize("tool", ["stripe", "meteroid"])
async def test_a_tool_that_bills_does_so_with_an_example_of_a_plan_that_says_what_it_is(
    tool: str, tmp_path: Path
) -> None:
    async with simulated_tools([tool], tmp_path, "http://127.0.0.1:1") as tools:
        connections = connections_at(tools.connections)

    assert tools.connections is not None
    assert "\n  # plans: an example. Playbooks bill by it (subscribe: growth)." in tools.connections.read_text()
    billing = connections.tools[tool]
    assert isinstance(billing, StripeConnection | MeteroidConnection)
    assert (connections.billing, [*billing.plans]) == (tool, ["growth"])


def test_of_two_tools_that_bill_the_first_one_does(tmp_path: Path) -> None:
    both = [ConnectionExample(source=name, bills=True, block={}) for name in ("meteroid", "stripe")]

    assert yaml.safe_load(write_connections(tmp_path, both).read_text())["billing"] == "meteroid"


async def test_a_tool_that_has_no_simulator_is_refused_with_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(NoSimulator, match="hubspot"):
        async with simulated_tools(["hubspott"], tmp_path, "http://127.0.0.1:1"):
            pass


async def test_where_one_simulator_does_not_start_none_is_left_running(tmp_path: Path) -> None:
    cannot = {"slack": {"calls_a_minute": "many"}}
    with pytest.raises(SimulatorFailed, match="slack"):
        async with simulated_tools(["hubspot", "slack"], tmp_path, "http://127.0.0.1:1", cannot):
            pass

    assert [one for one in commands_that_run() if str(tmp_path) in one] == []


def commands_that_run() -> list[str]:
    return subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout.splitlines()


async def test_simulators_run_connected_and_keep_what_they_hold(tmp_path: Path) -> None:
    async with simulated_tools(["hubspot"], tmp_path, "http://127.0.0.1:1") as tools:
        properties = {"dealname": "Acme", "dealstage": "qualifiedtobuy"}
        await tools.running["hubspot"].change(do="create", type="deals", properties=properties)
        assert tools.connections is not None
        read = yaml.safe_load(tools.connections.read_text())

    assert read["tools"]["hubspot"]["base_url"] == tools.running["hubspot"].url
    assert "Acme" in (tmp_path / "simulators" / "hubspot.json").read_text()


async def test_an_account_with_other_limits_is_connected_with_what_it_takes(tmp_path: Path) -> None:
    larger = {"hubspot": {"calls_in_ten_seconds": "1000"}, "slack": {"calls_a_minute": "500"}}
    async with simulated_tools(["hubspot", "slack"], tmp_path, "http://127.0.0.1:1", larger) as tools:
        options = options_of(Settings(connections=tools.connections, webhook_secrets={}))

    hubspot, slack = (options.connections.tools[name] for name in ("hubspot", "slack"))
    assert isinstance(hubspot, HubSpotConnection)
    assert hubspot.calls_in_ten_seconds == 800
    assert isinstance(slack, SlackConnection)
    assert slack.calls_a_minute == 500


async def test_a_gateway_can_be_run_with_what_the_connections_file_says(tmp_path: Path) -> None:
    async with simulated_tools(["hubspot"], tmp_path, "http://127.0.0.1:1") as tools:
        options = options_of(Settings(connections=tools.connections, webhook_secrets={}))

    assert tools.sources == {"hubspot"}
    assert options.connections.crm == "hubspot"
    assert options.webhook_secrets["hubspot"] == ("local-hubspot-secret",)
