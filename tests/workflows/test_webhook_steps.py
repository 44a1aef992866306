"""A ``webhook`` step on a real server: a worker posts to one of the team's own systems, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from dealwright.entries import EffectSettled
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store import bundles
from tests.workflows.test_outages import free_port
from tests.workflows.world import World

pytestmark = pytest.mark.server

SECRET = "whsec_" + "c2VjcmV0IG9mIGEgdGVzdCBvbmx5"
RULES = """
playbook: billed
roles: {rep: {}}
stages:
  - name: selling
    owner: rep
    plays:
      - {name: bill, on: entered, steps: [{webhook: billing, text: Prepare the invoice}, {task: call, due: 1d}]}
      - {name: not-told, on: effect_failed, do: [{task: tell_billing_by_hand, due: 1d}]}
"""


@asynccontextmanager
async def at_work(world: World, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """The world with a worker that knows the endpoint ``billing``."""
    monkeypatch.setenv("BILLING_SECRET", SECRET)
    file = folder / "connections.yaml"
    file.write_text(f"tools: {{endpoints: {{to: {{billing: {{url: '{url}', secret: env:BILLING_SECRET}}}}}}}}", "utf-8")
    connected = replace(world, settings=world.settings.model_copy(update={"connections": file}))
    await bundles.publish(world.store, "billed", {"playbook.yaml": RULES})
    async with connected.at_work():
        yield connected


@pytest.fixture
async def billing() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


async def settled(world: World, deal_id: str) -> list[str]:
    """What became of the deal's webhooks."""
    story = await world.deals.story(deal_id)
    return [one.status for one in story if isinstance(one, EffectSettled) and one.does == "post_webhook"]


async def test_it_is_signed_and_the_play_goes_on(
    idle_world: World, billing: WebhookReceiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(idle_world, billing.url, tmp_path, monkeypatch) as world:
        deal_id = await world.open("billed", title="Acme")
        await billing.has(1)
        await world.see(deal_id, lambda seen: [task.name for task in seen.open_tasks] == ["call"])
        await world.settle(deal_id)

    ((headers, body),) = billing.requests
    Webhook(SECRET).verify(body.decode(), headers)
    data = json.loads(body)["data"]
    assert (data["deal_id"], data["stage"], data["text"]) == (deal_id, "selling", "Prepare the invoice")
    assert headers["webhook-id"] == f"{deal_id}/bill/1/1/1"


async def test_a_response_that_is_lost_is_made_good_under_the_same_id(
    idle_world: World, billing: WebhookReceiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    billing.answers = [502]  # the system took it, and somebody between lost the answer
    async with at_work(idle_world, billing.url, tmp_path, monkeypatch) as world:
        deal_id = await world.open("billed")
        await billing.has(2)
        await world.see(deal_id, lambda seen: bool(seen.open_tasks))
        seen = await world.settle(deal_id)

    assert len({headers["webhook-id"] for headers, _ in billing.requests}) == 1
    assert len({body for _, body in billing.requests}) == 1
    assert (seen.attention, seen.uncertain_touches) == ({}, ())


async def test_a_refusal_asks_for_attention_and_starts_what_waits_for_it(
    idle_world: World, billing: WebhookReceiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    billing.answers = [422]
    async with at_work(idle_world, billing.url, tmp_path, monkeypatch) as world:
        deal_id = await world.open("billed")
        seen = await world.see(deal_id, lambda seen: "tell_billing_by_hand" in {task.name for task in seen.open_tasks})

        assert await settled(world, deal_id) == ["failed"]
    assert len(billing.requests) == 1
    assert any("Post to billing was refused" in point for point in seen.attention.values())


async def test_a_system_that_is_away_gets_it_once_it_is_back(
    idle_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    async with at_work(idle_world, f"http://127.0.0.1:{port}/hook", tmp_path, monkeypatch) as world:
        deal_id = await world.open("billed")
        await world.see(deal_id, lambda seen: bool(seen.open_tasks))  # the play does not wait for it
        await world.pass_time(deal_id, timedelta(minutes=6))
        async with webhook_receiver(port) as back:
            await world.pass_time(deal_id, timedelta(hours=1))
            await back.has(1)
            await world.see(deal_id, lambda seen: seen.attention == {})
        assert [headers["webhook-id"] for headers, _ in back.requests] == [f"{deal_id}/bill/1/1/1"]
