"""Gong on this machine: its webhooks are proven, a call is read and told once, whichever way it came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.gong.fetcher import GongFetcher
from integrations.gong.polling import GongPolling
from integrations.gong.settings import GongConnection
from integrations.kit.errors import NotHandedOver
from integrations.kit.mapping.events import events_after_fetch, events_from
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store import intake, mirror
from store.database import Store
from store.intake import Event, IntakeState
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

MAPPING = shipped_mappings()["gong"]
ANA = "ana@buyer.example"


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


@pytest.fixture(scope="module")
async def gong(receiver: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.gong.simulator", target=receiver.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path_factory.mktemp("gong")))
    await intake.link(store, "hubspot", "deal:9001", "acme")
    await intake.link(store, "hubspot", "deal:9002", "other")
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def connection(gong: RunningSimulator) -> GongConnection:
    example = await gong.connection()
    secrets = example.secrets
    return GongConnection.model_validate({
        "base_url": example.block["base_url"], "access_key": SecretStr(secrets["access-key"]),
        "access_key_secret": SecretStr(secrets["access-key-secret"]),
        "webhook_secrets": [SecretStr(secrets["public-key"])],
    })  # fmt: skip


@pytest.fixture
async def reading(connection: GongConnection, store: Store) -> AsyncIterator[Reading]:
    reading = Reading(connection, store)
    yield reading
    await reading.polling.close()
    await reading.fetcher.close()


class Reading:
    """What is read, kept as worker and gateway keep it."""

    def __init__(self, connection: GongConnection, store: Store) -> None:
        self._store = store
        self.source: Source = MAPPING.with_settings(connection.settings, connection.tables)
        self.polling = GongPolling(connection, store)
        self.fetcher = GongFetcher(connection, store)
        self.cursor: str | None = '{"since": "2026-01-01T00:00:00Z"}'

    async def once(self) -> list[Event]:
        polled = await self.polling.poll(self.cursor)
        for one in polled.seen:
            await mirror.note(self._store, "gong", one.object_id, one.values, one.at)
        self.cursor = polled.cursor
        return list(polled.events)

    async def by_webhook(self, body: dict[str, Any]) -> list[Event]:
        (hint,) = events_from(self.source, body, datetime.now(UTC))
        if hint.fact != "fetch":
            return [hint]
        return events_after_fetch(self.source, hint, await self.fetcher.fetch(hint.payload["what"]))


async def recorded(gong: RunningSimulator, **call: object) -> dict[str, Any]:
    """A call that somebody recorded, as its webhook shows it."""
    await gong.change(do="record", emails=[ANA], ours=["eva@us.example"], **call)
    state: Any = await gong.state()
    made: dict[str, Any] = list(state["calls"].values())[-1]
    return made


def webhook_of(call: dict[str, Any]) -> dict[str, Any]:
    return {"callData": {"metaData": {"id": call["id"], "started": call["started"]}}, "isTest": False}


def facts(events: list[Event], call: dict[str, Any]) -> list[str]:
    return [one.fact for one in events if call["id"] in one.event_id and one.state is IntakeState.WAITING]


async def test_a_call_is_told_of_the_deal_whose_record_it_names(gong: RunningSimulator, reading: Reading) -> None:
    call = await recorded(gong, system="HubSpot", deals=["9001"], steps=["Send the price list"])

    talk, step = await reading.by_webhook(webhook_of(call))

    assert (talk.fact, talk.deal_ref) == ("conversation_recorded", "acme")
    parties: Any = talk.payload["parties"]
    assert parties[0] == {"name": "Ana", "address": ANA, "ours": False}
    assert talk.payload["lasted"] == "PT30M"
    assert (step.fact, step.deal_ref, step.payload["text"]) == ("next_step_suggested", "acme", "Send the price list")
    assert step.payload["by"] == "Ana"


async def test_webhook_and_reading_tell_the_same_under_the_same_ids(gong: RunningSimulator, reading: Reading) -> None:
    call = await recorded(gong, system="HubSpot", deals=["9001"], steps=["Book a room"])
    told = await reading.by_webhook(webhook_of(call))
    read = [one for one in await reading.once() if call["id"] in one.event_id]

    assert [(one.event_id, one.fact, one.payload) for one in read] == [
        (one.event_id, one.fact, one.payload) for one in told
    ]


async def test_action_items_that_come_later_are_read_and_nothing_is_told_twice(
    gong: RunningSimulator, reading: Reading
) -> None:
    call = await recorded(gong)
    assert facts(await reading.once(), call) == ["conversation_recorded"]

    await gong.change(do="work_out", call=call["id"], steps=["Ask legal"])
    await gong.change(do="rename", call=call["id"], title="another title")
    assert facts(await reading.once(), call) == ["next_step_suggested"]
    assert facts(await reading.once(), call) == []


async def test_a_call_without_a_record_is_matched_by_who_took_part(gong: RunningSimulator, reading: Reading) -> None:
    call = await recorded(gong)
    (talk,) = await reading.by_webhook(webhook_of(call))

    assert talk.deal_ref == f"conversation:{call['id']}"
    assert talk.contacts == (ANA,)


async def test_which_of_two_deals_a_call_is_about_is_for_a_person_to_say(
    gong: RunningSimulator, reading: Reading
) -> None:
    call = await recorded(gong, system="HubSpot", deals=["9001", "9002"])
    (talk,) = await reading.by_webhook(webhook_of(call))

    assert talk.deal_ref == f"conversation:{call['id']}"
    assert talk.contacts == ()


async def test_of_a_private_call_nothing_is_told(gong: RunningSimulator, reading: Reading) -> None:
    call = await recorded(gong, private=True, steps=["a secret"])

    assert facts(await reading.by_webhook(webhook_of(call)), call) == []


async def test_a_test_of_the_rule_is_skipped(reading: Reading) -> None:
    body = {"callData": {"metaData": {"id": "1", "started": "2024-02-17T03:30:00-07:00"}}, "isTest": True}
    (event,) = await reading.by_webhook(body)

    assert event.state is IntakeState.SKIPPED


async def test_no_calls_are_an_empty_page(reading: Reading) -> None:
    reading.cursor = None

    assert await reading.once() == []


async def test_a_webhook_proves_where_it_comes_from_and_what_it_says(
    gong: RunningSimulator, receiver: WebhookReceiver, connection: GongConnection
) -> None:
    await gong.change(do="try_rule")
    await gong.deliver()
    headers, body = receiver.requests[-1]
    verifier = verifier_for("gong", MAPPING.auth, [one.get_secret_value() for one in connection.webhook_secrets])

    await verifier.check(WebhookRequest("POST", receiver.url, headers, body), datetime.now(UTC))
    with pytest.raises(InvalidSignature, match="another body"):
        await verifier.check(WebhookRequest("POST", receiver.url, headers, body + b" "), datetime.now(UTC))


@pytest.mark.parametrize("fault", ["server_error", "quota_spent", "expire_token", "lose_request"])
async def test_what_cannot_be_asked_now_is_asked_again_later(
    gong: RunningSimulator, connection: GongConnection, tmp_path: Path, fault: str
) -> None:
    store = Store.open(migrated(tmp_path))  # a budget of its own: a spent one holds others back
    polling = GongPolling(connection, store)
    await gong.switch(**{fault: 1})

    with pytest.raises(NotHandedOver):
        await polling.poll(None)

    await polling.close()
    await store.close()
