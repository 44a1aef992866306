"""``/v1/subscriptions``: who gets events, and what became of each delivery; and the same from a terminal."""

from __future__ import annotations

import asyncio
import json
from ipaddress import ip_network
from typing import Any

import pytest

from dealwright.client.deal_client import DealClient
from gateway.events.delivering import DeliveryLimits
from gateway.events.retries import Retries
from gateway.events.targets import Targets
from starter.app import run
from store import event_deliveries
from store.database import Store
from tests.gateway.conftest import Api, StartGateway
from tests.gateway.events.conftest import Receiver
from tests.gateway.events.test_asking import write
from tests.gateway.events.test_delivering import LIMITS
from tests.store.samples import closed, opened, story
from tests.temporal_environment import wait_until

HERE = Targets((ip_network("127.0.0.0/8"),))


@pytest.fixture
async def gateway(start_gateway: StartGateway, away: DealClient) -> Api:
    limits = DeliveryLimits(LIMITS.at_once, LIMITS.poll_interval, timeout=LIMITS.timeout, retries=Retries(schedule=()))
    return await start_gateway(away, event_targets=HERE, delivery=limits)


async def subscribe(gateway: Api, receiver: Receiver, **which: object) -> str:
    answer = await gateway.post("/v1/subscriptions", json={"url": receiver.url, **which})
    assert answer.status_code == 201, answer.text
    receiver.secret = answer.json()["secret"]
    subscription_id: str = answer.json()["subscription"]["id"]
    return subscription_id


async def settled(store: Store) -> None:
    async def nothing_waits() -> bool:
        counts = await event_deliveries.counts(store)
        return bool(counts) and not any(one.waiting for one in counts.values())

    await wait_until(nothing_waits)


async def read(gateway: Api, path: str) -> Any:
    answer = await gateway.get(f"/v1/subscriptions{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_who_subscribes_gets_what_happens_from_then_on(gateway: Api, store: Store, receiver: Receiver) -> None:
    await subscribe(gateway, receiver, types=["dealwright.deal.deal_closed", "deal_opened"])
    await write(store, [*story(), closed(4)])
    await settled(store)
    assert [event["data"]["kind"] for event in receiver.got] == ["deal_opened", "deal_closed"]


async def test_a_secret_is_shown_once(gateway: Api, receiver: Receiver) -> None:
    subscription_id = await subscribe(gateway, receiver)
    shown = [await read(gateway, ""), await read(gateway, f"/{subscription_id}")]
    assert receiver.secret.startswith("whsec_")
    assert receiver.secret not in json.dumps(shown)
    rotated = await gateway.post(f"/v1/subscriptions/{subscription_id}/rotate", json={"overlap_hours": 1})
    assert rotated.json()["secret"] not in ("", receiver.secret)
    assert rotated.json()["subscription"]["former_secret_until"] is not None


async def test_what_was_never_taken_is_shown_and_can_be_sent_again(
    gateway: Api, store: Store, receiver: Receiver
) -> None:
    subscription_id = await subscribe(gateway, receiver)
    receiver.refuse = lambda _: True
    await write(store, [opened()])
    await settled(store)
    assert (await read(gateway, f"/{subscription_id}"))["dead"] == 1
    (dead,) = (await read(gateway, f"/{subscription_id}/deliveries?state=dead"))["deliveries"]
    assert (dead["attempts"], dead["last_status"], dead["last_error"]) == (1, 500, "answered 500")
    assert dead["event"] == receiver.got[0] | {"data": receiver.got[0]["data"] | {"sets_aside": None}}
    receiver.refuse = lambda _: False
    again = await gateway.post(
        f"/v1/subscriptions/{subscription_id}/resend", json={"sequences": [dead["event"]["sequence"]]}
    )
    assert again.json() == {"waiting_again": 1}
    await settled(store)
    assert (await read(gateway, f"/{subscription_id}"))["dead"] == 0
    assert receiver.ids == [dead["event"]["id"]] * 2


async def test_a_receiver_that_wants_no_more_can_be_enabled_again(
    gateway: Api, store: Store, receiver: Receiver
) -> None:
    subscription_id = await subscribe(gateway, receiver)
    receiver.answers = [(410, {})]
    await write(store, [opened()])

    async def disabled() -> bool:
        return (await read(gateway, f"/{subscription_id}"))["disabled_at"] is not None

    await wait_until(disabled)
    assert (await gateway.post(f"/v1/subscriptions/{subscription_id}/enable")).json()["disabled_at"] is None
    await settled(store)
    assert receiver.ids == [receiver.ids[0]] * 2


async def test_whoever_unsubscribes_gets_nothing_more(gateway: Api, store: Store, receiver: Receiver) -> None:
    subscription_id = await subscribe(gateway, receiver)
    assert (await gateway.delete(f"/v1/subscriptions/{subscription_id}")).status_code == 204
    assert (await gateway.delete(f"/v1/subscriptions/{subscription_id}")).status_code == 404
    assert (await gateway.get(f"/v1/subscriptions/{subscription_id}/deliveries")).status_code == 404
    assert (await read(gateway, "")) == {"subscriptions": []}


@pytest.mark.parametrize("url", ["https://169.254.169.254/latest", "http://crm.example.com/", "https://10.0.0.8/"])
async def test_a_target_in_our_own_network_is_refused_at_once(gateway: Api, url: str) -> None:
    refused = await gateway.post("/v1/subscriptions", json={"url": url})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:dealwright:problem:unsafe-target")


async def test_subscriptions_from_a_terminal(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def say(*arguments: str) -> Any:
        code = await asyncio.to_thread(run, ["subscription", *arguments, "--json"])
        told = capsys.readouterr().out
        return (code, json.loads(told)) if code == 0 else (code, None)

    code, made = await say("add", "https://crm.example.com/hooks", "--type", "deal_closed")
    assert (code, made["secret"][:6]) == (0, "whsec_")
    _, listed = await say("list")
    assert [(one["id"], one["types"]) for one in listed] == [(made["id"], ["dealwright.deal.deal_closed"])]
    assert (await say("show", made["id"]))[1] == []
    assert (await say("rotate", made["id"]))[1]["secret"] != made["secret"]
    assert (await say("resend", made["id"]))[1] == {"waiting_again": 0}
    assert (await say("remove", made["id"]))[0] == 0
    assert (await say("remove", made["id"]))[0] == 1
    assert (await say("add", "https://10.0.0.8/hooks"))[0] == 2
