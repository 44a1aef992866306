"""Secrets that a source writes into its bodies: of a refused request they are kept nowhere, and logged nowhere."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dealwright.client.deal_client import DealClient
from gateway.webhooks.rejections import RejectionLog
from integrations.kit.proof.request import WebhookRequest
from store import intake
from store.database import Store
from tests.gateway.conftest import Api, StartGateway


@pytest.fixture
async def gateway(start_gateway: StartGateway, away: DealClient) -> Api:
    return await start_gateway(away)


FIELDS = ("callback_token",)


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": 1, "callback_token": "TOP SECRET", "status": "sent"}',
        b'{"callback_token" :\n "TOP \\"SECRET"}',
        b'{"data": {"callback_token":"TOP SECRET"}}',
        b'{"id": 1, "callback_token": "TOP SECRET',
        b'{"callback_token": TOP}',
        b'{"a": "' + b"x" * 470 + b'", "callback_token": "TOP SECRET"}',
    ],
)
async def test_of_a_refused_body_no_secret_field_is_kept(
    store: Store, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    request = WebhookRequest("POST", "https://deals.example/webhooks/salesloft", {}, body, {})

    await RejectionLog(store).add("salesloft", request, "it is not signed", datetime.now(UTC), FIELDS)

    (row,) = await intake.recent(store, limit=10)
    excerpt = str(row.payload["excerpt"])
    assert "TOP" not in excerpt
    assert "TOP" not in caplog.text
    assert excerpt.startswith("{")


async def test_what_is_no_secret_is_kept_as_it_came(store: Store) -> None:
    request = WebhookRequest("POST", "https://deals.example/webhooks/salesloft", {}, b'{"status": "sent"}', {})

    await RejectionLog(store).add("salesloft", request, "it is not signed", datetime.now(UTC), FIELDS)

    (row,) = await intake.recent(store, limit=10)
    assert row.payload["excerpt"] == '{"status": "sent"}'


async def test_what_salesloft_signed_with_a_token_that_nobody_knows_leaves_no_token(gateway: Api, store: Store) -> None:
    body = b'{"id": 1, "callback_token": "TOP SECRET"}'

    answer = await gateway.post("/webhooks/salesloft", content=body, headers={"x-salesloft-signature": "00"})

    (row,) = await intake.recent(store, limit=10)
    assert answer.status_code == 401
    assert "TOP" not in f"{answer.text} {row.payload} {row.last_error}"
