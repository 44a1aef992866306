"""Calendly on this machine: its bookings, its webhooks, and the subscription to them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.calendly.fetcher import CalendlyFetcher
from integrations.calendly.polling import EVENTS, CalendlyPolling
from integrations.calendly.settings import CalendlyConnection
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store.database import Store
from tests.integrations.calendly.webhooks import FROM_US, read
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

KEY = "local-calendly-signing-key"


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


@pytest.fixture(scope="module")
async def calendly(receiver: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.calendly.simulator", target=receiver.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path_factory.mktemp("calendly")))
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def connection(calendly: RunningSimulator) -> CalendlyConnection:
    example = await calendly.connection()
    secret = {"token": SecretStr(example.secrets["token"]), "webhook_secrets": [SecretStr(KEY)]}
    return CalendlyConnection.model_validate({**example.block, **secret})


@pytest.fixture
async def fetcher(connection: CalendlyConnection, store: Store) -> AsyncIterator[CalendlyFetcher]:
    fetcher = CalendlyFetcher(connection, store)
    yield fetcher
    await fetcher.close()


@pytest.fixture
async def polling(connection: CalendlyConnection, tmp_path: Path) -> AsyncIterator[CalendlyPolling]:
    store = Store.open(migrated(tmp_path))  # with a request budget that no other test has spent
    polling = CalendlyPolling(connection, store)
    yield polling
    await polling.close()
    await store.close()


async def book(calendly: RunningSimulator, **about: object) -> str:
    made: Any = await calendly.change(do="book", starts_at="2026-12-01T10:00:00Z", tracking=FROM_US, **about)
    return str(made["uri"])


async def move(calendly: RunningSimulator, invitee: str) -> str:
    made: Any = await calendly.change(do="reschedule", invitee=invitee, starts_at="2026-12-02T10:00:00Z")
    return str(made["uri"])


async def test_a_meeting_that_was_moved_twice_is_the_first_one(
    calendly: RunningSimulator, fetcher: CalendlyFetcher
) -> None:
    first = await book(calendly)
    third = await move(calendly, await move(calendly, first))
    found: Any = await fetcher.fetch({"first_of": third})
    assert (found["first"], found["tracking"]["utm_content"]) == (first.rpartition("/")[2], "acme")


async def test_what_is_known_of_a_chain_is_not_asked_for_again(
    calendly: RunningSimulator, fetcher: CalendlyFetcher
) -> None:
    second = await move(calendly, await book(calendly))
    before = await fetcher.fetch({"first_of": second})
    calls = len(await calendly.calls("/invitees/"))
    assert await fetcher.fetch({"first_of": second}) == before
    assert len(await calendly.calls("/invitees/")) == calls


async def test_a_booking_that_was_deleted_on_request_is_known_by_its_id(
    calendly: RunningSimulator, fetcher: CalendlyFetcher
) -> None:
    first = await book(calendly)
    second = await move(calendly, first)
    await calendly.change(do="delete_data", invitee=first)
    found: Any = await fetcher.fetch({"first_of": second})
    assert found["first"] == first.rpartition("/")[2]


async def test_no_other_address_than_an_invitees_is_called(
    calendly: RunningSimulator, fetcher: CalendlyFetcher
) -> None:
    calls = len(await calendly.calls())
    with pytest.raises(Refused):
        await fetcher.fetch({"first_of": "https://api.calendly.com/users/me"})
    assert len(await calendly.calls()) == calls


@pytest.mark.parametrize("fault", ["server_error", "quota_spent", "expire_token", "lose_request"])
async def test_what_cannot_be_asked_now_is_asked_again_later(
    calendly: RunningSimulator, connection: CalendlyConnection, tmp_path: Path, fault: str
) -> None:
    second = await move(calendly, await book(calendly))
    store = Store.open(migrated(tmp_path))  # a budget of its own: a spent one holds others back
    fetcher = CalendlyFetcher(connection, store)
    await calendly.switch(**{fault: 1})
    with pytest.raises(NotHandedOver):
        await fetcher.fetch({"first_of": second})
    await fetcher.close()
    await store.close()


async def test_its_webhooks_prove_where_they_come_from_and_say_what_happened(
    calendly: RunningSimulator, receiver: WebhookReceiver
) -> None:
    await calendly.deliver()
    receiver.requests.clear()
    await calendly.change(do="no_show", invitee=await book(calendly, event_type="Demo"))
    await calendly.switch(duplicate=1)
    await calendly.deliver()
    verifier = verifier_for("calendly", shipped_mappings()["calendly"].auth, [KEY])
    stranger = verifier_for("calendly", shipped_mappings()["calendly"].auth, ["another-signing-key"])
    booked, repeated, missed = receiver.requests
    assert booked[1] == repeated[1]
    for headers, body in (booked, missed):
        came = WebhookRequest("POST", receiver.url, headers, body)
        await verifier.check(came, datetime.now(UTC))
        with pytest.raises(InvalidSignature):
            await stranger.check(came, datetime.now(UTC))
        with pytest.raises(InvalidSignature):
            await verifier.check(came, datetime.now(UTC) + timedelta(minutes=4))
    assert [read(json.loads(body)).fact for _, body in (booked, missed)] == ["meeting_booked", "meeting_missed"]


async def test_a_subscription_that_is_there_and_active_is_well(polling: CalendlyPolling) -> None:
    assert {one.level for one in await polling.health()} == {"ok"}
    assert await polling.repair() == []


async def test_a_subscription_that_is_gone_after_a_410_is_set_up_anew(
    calendly: RunningSimulator, receiver: WebhookReceiver, polling: CalendlyPolling
) -> None:
    receiver.answers = [410]
    await book(calendly)
    await calendly.deliver()
    assert "problem" in {one.level for one in await polling.health()}
    await polling.repair()
    assert {one.level for one in await polling.health()} == {"ok"}
    state: Any = await calendly.state()
    (made,) = state["subscriptions"].values()
    assert (made["callback_url"], made["events"], made["signing_key"]) == (receiver.url, [*EVENTS], KEY)
