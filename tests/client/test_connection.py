"""Connecting, and what a client says when Temporal cannot be reached."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import (
    TemporalAway,
    TemporalRefused,
)
from dealwright.commands import Resume
from dealwright.facts import DealLost
from local.server.server import LocalServer
from tests.temporal_environment import new_deal_id

pytestmark = pytest.mark.server


async def test_what_temporal_will_never_take_is_said_to_be_so(deals: DealClient) -> None:
    with pytest.raises(TemporalRefused):
        await deals.open({"id": new_deal_id()}, "x" * 3_000_000)


async def test_a_client_connects_by_temporals_standard_variables(
    temporal: Client, temporal_server: LocalServer, deal_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_server.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", temporal.namespace)
    deals = await DealClient.connect()
    assert (await deals.snapshot(deal_id)).deal_id == deal_id


async def test_a_client_that_reaches_no_server_says_so_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    began = time.monotonic()
    with pytest.raises(TemporalAway, match=r"127\.0\.0\.1:1"):
        await DealClient.connect(timedelta(seconds=1))
    assert time.monotonic() - began < 30


async def test_a_namespace_that_is_missing_is_no_missing_deal(temporal_server: LocalServer) -> None:
    elsewhere = DealClient(
        await Client.connect(temporal_server.address, namespace="nowhere", data_converter=pydantic_data_converter)
    )
    with pytest.raises(TemporalAway, match=r"nowhere[^.]*\. Check"):
        await elsewhere.snapshot("any")
    with pytest.raises(TemporalAway, match="nowhere"):
        await elsewhere.check()


@pytest.fixture
async def away() -> DealClient:
    return DealClient(await Client.connect("127.0.0.1:1", lazy=True), timedelta(seconds=0.3))


async def test_every_call_is_bounded_while_the_server_is_away(away: DealClient) -> None:
    calls: list[Awaitable[Any]] = [
        away.open({"id": "d"}), away.record("d", DealLost(id="f1")), away.command("d", Resume(by="Ana")),
        away.snapshot("d"), away.agenda("d"), away.find(), away.check(),
    ]  # fmt: skip
    began = time.monotonic()
    for call in calls:
        with pytest.raises(TemporalAway):
            await call
    assert time.monotonic() - began < 60
