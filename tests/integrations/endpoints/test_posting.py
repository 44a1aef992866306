"""What a ``webhook`` step tells reaches the team's own system, signed, under one id."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from dealwright.deal import Deal
from dealwright.effects import PostWebhook
from integrations.kit.connections import BadConnections, Connections
from integrations.kit.delivery import Idempotency
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.registry import connections_at, endpoints_of
from local.webhook_receiver import WebhookReceiver, webhook_receiver

SECRET = "whsec_" + "c2VjcmV0IG9mIGEgdGVzdCBvbmx5"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


def connected(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, secret: str = SECRET) -> Connections:
    monkeypatch.setenv("PRINT_SHOP_SECRET", secret)
    file = folder / "connections.yaml"
    file.write_text(f"tools: {{endpoints: {{to: {{print-shop: {{url: '{url}', secret: env:PRINT_SHOP_SECRET}}}}}}}}")
    return connections_at(file)


def card(endpoint: str = "print-shop") -> PostWebhook:
    return PostWebhook(
        id="acme/cards/1/0/1", at=NOW, summary="Post", endpoint=endpoint, deal=Deal(id="acme", title="Acme"),
        stage="outreach", play="cards", contact="ed", text="A card",
    )  # fmt: skip


async def test_it_is_signed_and_says_what_it_is_about(
    receiver: WebhookReceiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoints = endpoints_of(connected(receiver.url, tmp_path, monkeypatch))
    await endpoints.post("acme", card()).send()
    ((headers, body),) = receiver.requests
    Webhook(SECRET).verify(body.decode(), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "YW5vdGhlciBzZWNyZXQgb2Ygb25l").verify(body.decode(), headers)
    told = json.loads(body)
    assert (told["type"], told["data"]["deal"]["title"]) == ("print-shop", "Acme")
    assert told["data"].items() >= {"deal_id": "acme", "stage": "outreach", "contact": "ed", "text": "A card"}.items()


async def test_each_attempt_has_the_same_id_so_that_it_may_be_made_again(
    receiver: WebhookReceiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = endpoints_of(connected(receiver.url, tmp_path, monkeypatch)).post("acme", card())
    receiver.answers = [503]
    with pytest.raises(NotHandedOver):
        await delivery.send()
    await delivery.send()
    assert delivery.idempotency is Idempotency.VENDOR
    assert {headers["webhook-id"] for headers, _ in receiver.requests} == {"acme/cards/1/0/1"}


@pytest.mark.parametrize(
    ("status", "error"), [(400, Refused), (410, Refused), (429, NotHandedOver), (500, NotHandedOver), (502, Unanswered)]
)
async def test_what_the_answer_means(
    receiver: WebhookReceiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, error: type[Exception]
) -> None:
    receiver.answers = [status]
    with pytest.raises(error):
        await endpoints_of(connected(receiver.url, tmp_path, monkeypatch)).post("acme", card()).send()


async def test_an_endpoint_that_is_away_has_not_taken_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoints = endpoints_of(connected("http://127.0.0.1:1/hook", tmp_path, monkeypatch))
    with pytest.raises(NotHandedOver) as away:
        await endpoints.post("acme", card()).send()
    assert away.value.retry_after is None or away.value.retry_after >= timedelta(0)


def test_an_endpoint_that_is_not_in_the_connections_file_is_waited_for() -> None:
    with pytest.raises(NotHandedOver, match=r"no endpoint 'billing'.*connections file"):
        endpoints_of(Connections()).post("acme", card("billing"))


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        ("http://print.example.com/x", SECRET, "TLS"),
        ("https://print.example.com/x", "not a secret!", "no secret of Standard Webhooks"),
    ],
)
def test_a_connection_that_would_not_be_safe_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, secret: str, said: str
) -> None:
    with pytest.raises(BadConnections) as refused:
        connected(url, tmp_path, monkeypatch, secret)
    assert said in str(refused.value)
    assert secret not in str(refused.value)
