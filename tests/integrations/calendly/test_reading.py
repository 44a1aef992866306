"""Calendly read beside its webhooks: what they should have told, under the same ids."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.calendly.polling import CalendlyPolling
from integrations.calendly.settings import CalendlyConnection
from integrations.kit.mapping.events import events_from
from integrations.kit.simulator.process import RunningSimulator
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store import mirror
from store.database import Store
from store.intake import Event
from tests.integrations.calendly.webhooks import FROM_US, source
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

_NOW = datetime(2026, 11, 26, tzinfo=UTC)


class Reading:
    """One reader with a clock of its own: what changed within two minutes is left for later."""

    def __init__(self, connection: CalendlyConnection, store: Store) -> None:
        self._store = store
        self.polling = CalendlyPolling(connection, store, lambda: datetime.now(UTC) + self.ahead)
        self.ahead = timedelta(minutes=3)
        self.cursor: str | None = None

    async def once(self) -> list[Event]:
        """All pages, kept as the worker keeps them."""
        found: list[Event] = []
        while True:
            polled = await self.polling.poll(self.cursor)
            found += polled.events
            for one in polled.seen:
                await mirror.note(self._store, "calendly", one.object_id, one.values, one.at)
            self.cursor = polled.cursor
            if not polled.more:
                return found


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


@pytest.fixture(scope="module")
async def calendly(receiver: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.calendly.simulator", target=receiver.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def reading(calendly: RunningSimulator, tmp_path: Path) -> AsyncIterator[Reading]:
    example = await calendly.connection()
    secret = {"token": SecretStr(example.secrets["token"]), "webhook_secrets": [SecretStr("x" * 20)]}
    store = Store.open(migrated(tmp_path))
    reading = Reading(CalendlyConnection.model_validate({**example.block, **secret}), store)
    yield reading
    await reading.polling.close()
    await store.close()


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def book(calendly: RunningSimulator) -> str:
    made: Any = await calendly.change(do="book", starts_at=_in_days(5), tracking=FROM_US)
    return str(made["uri"])


async def test_what_stands_there_when_it_is_first_read_is_not_told(
    calendly: RunningSimulator, reading: Reading
) -> None:
    for _ in range(25):  # more than a page
        await book(calendly)
    assert await reading.once() == []
    assert await reading.once() == []


async def test_what_became_of_bookings_is_told_once_as_webhooks_tell_it(
    calendly: RunningSimulator, receiver: WebhookReceiver, reading: Reading
) -> None:
    before = await book(calendly)
    await reading.once()
    await calendly.deliver()
    receiver.requests.clear()
    moved, missed = await book(calendly), await book(calendly)
    await calendly.change(do="reschedule", invitee=moved, starts_at=_in_days(6))
    await calendly.change(do="no_show", invitee=missed)
    await calendly.change(do="cancel", invitee=before)
    await calendly.deliver()
    by_webhook = [one for _, body in receiver.requests for one in events_from(source(), json.loads(body), _NOW)]
    found = await reading.once()
    assert {one.event_id for one in by_webhook} <= {one.event_id for one in found}
    told = {one.event_id: one.payload for one in found}
    assert all(told[one.event_id] == one.payload for one in by_webhook if one.fact.startswith("meeting_"))
    assert await reading.once() == []


async def test_what_changed_just_now_is_left_to_its_webhooks(calendly: RunningSimulator, reading: Reading) -> None:
    await reading.once()
    await book(calendly)
    reading.ahead = timedelta()
    assert await reading.once() == []
    reading.ahead = timedelta(minutes=3)
    assert [one.fact for one in await reading.once()] == ["meeting_booked"]
