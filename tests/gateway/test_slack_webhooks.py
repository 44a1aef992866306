"""Presses in Slack at the gateway's door: kept before the empty 200 that Slack wants, or refused."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

import pytest

from dealwright.client.deal_client import DealClient
from integrations.kit.mapping.meaning import GIVES_COMMAND
from integrations.slack.simulator.interactions import signature_v0
from store import intake
from store.database import Store
from store.intake import IntakeState
from tests.gateway.conftest import Api, StartGateway

SECRET = "a-signing-secret-of-slack"
PRESSED = {
    "type": "block_actions",
    "user": {"id": "U0MAX", "team_id": "T1"},
    "container": {"channel_id": "D0MAX", "message_ts": "1.2"},
    "actions": [{"type": "button", "action_id": "approve", "value": "q1", "action_ts": "1.5"}],
}


async def posted(api: Api, *, secret: str = SECRET, late: int = 0) -> tuple[int, bytes]:
    body = urlencode({"payload": json.dumps(PRESSED)}).encode()
    seconds = str(int(time.time()) - late)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": seconds,
        "x-slack-signature": signature_v0(secret, body, seconds),
    }
    answer = await api.post("/webhooks/slack", content=body, headers=headers)
    return answer.status_code, answer.content


@pytest.fixture
async def gateway(start_gateway: StartGateway, away: DealClient) -> Api:
    return await start_gateway(away, webhook_secrets={"slack": (SECRET,)})


async def test_a_press_is_kept_once_and_answered_with_nothing(gateway: Api, store: Store) -> None:
    assert [await posted(gateway), await posted(gateway)] == [(200, b"")] * 2
    (row,) = await intake.recent(store)
    assert (row.fact, row.deal_ref) == (GIVES_COMMAND, "q1")


@pytest.mark.parametrize(("secret", "late"), [("another-secret-of-slack", 0), (SECRET, 400), (SECRET, -400)])
async def test_what_slack_did_not_just_sign_is_refused(gateway: Api, store: Store, secret: str, late: int) -> None:
    assert (await posted(gateway, secret=secret, late=late))[0] == 401
    assert {row.state for row in await intake.recent(store)} == {IntakeState.REFUSED}


async def test_without_a_connection_a_press_waits(gateway: Api, store: Store) -> None:
    await posted(gateway)
    (row,) = await intake.recent(store)
    assert row.state is IntakeState.WAITING
