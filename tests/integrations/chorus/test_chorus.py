"""Chorus on this machine: its hook is a hint, and a conversation is told once, whichever way it came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.chorus.fetcher import ChorusFetcher
from integrations.chorus.polling import ChorusPolling
from integrations.chorus.settings import ChorusConnection
from integrations.kit.errors import NotHandedOver
from integrations.kit.mapping.events import events_after_fetch, events_from
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from store import intake, mirror
from store.database import Store
from store.intake import Event, IntakeState
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

ANA, HOOK = "ana@buyer.example", "http://127.0.0.1:9/webhooks/chorus/a-secret-of-the-hook"
MAPPING = shipped_mappings()["chorus"]


@pytest.fixture(scope="module")
async def chorus() -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.chorus.simulator") as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def reading(chorus: RunningSimulator, tmp_path: Path) -> AsyncIterator[Reading]:
    store = Store.open(migrated(tmp_path))
    await intake.link(store, "hubspot", "deal:9001", "acme")
    example = await chorus.connection()
    given = {"token": SecretStr(example.secrets["token"]), "webhook_secrets": [SecretStr("a-secret-of-the-hook")]}
    connection = ChorusConnection.model_validate({
        "base_url": example.block["base_url"], "system": "hubspot", "webhook_url": HOOK, **given
    })  # fmt: skip
    reading = Reading(connection, store)
    yield reading
    await reading.close()


class Reading:
    """What is read, kept as worker and gateway keep it."""

    def __init__(self, connection: ChorusConnection, store: Store) -> None:
        self.store, self.ahead = store, timedelta()
        self.source = MAPPING.with_settings(connection.settings, connection.tables)
        self.polling = ChorusPolling(connection, store, lambda: datetime.now(UTC) + self.ahead)
        self.fetcher = ChorusFetcher(connection, store)
        self.cursor: str | None = '{"since": "2026-01-01T00:00:00Z"}'

    async def once(self) -> list[Event]:
        polled = await self.polling.poll(self.cursor)
        for one in polled.seen:
            await mirror.note(self.store, "chorus", one.object_id, one.values, one.at)
        self.cursor = polled.cursor
        return list(polled.events)

    async def by_hook(self, body: dict[str, Any]) -> list[Event]:
        (hint,) = events_from(self.source, body, datetime.now(UTC))
        return events_after_fetch(self.source, hint, await self.fetcher.fetch(hint.payload["what"]))

    async def close(self) -> None:
        await self.polling.close()
        await self.fetcher.close()
        await self.store.close()


async def recorded(chorus: RunningSimulator, **conversation: object) -> str:
    made: Any = await chorus.change(do="record", emails=[ANA], ours=["eva@us.example"], **conversation)
    return str(made["data"]["id"])


def of(id_: str, events: list[Event]) -> list[str]:
    return [one.fact for one in events if id_ in one.event_id and one.state is IntakeState.WAITING]


async def test_a_hook_leads_to_the_conversation_and_what_it_says_of_it_counts_nothing(
    chorus: RunningSimulator, reading: Reading
) -> None:
    id_ = await recorded(chorus, deal="9001", steps=["Send the price list"])
    talk, step = await reading.by_hook({"engagement_id": id_, "deal": "another", "action_items": ["pay me"]})

    assert (talk.fact, talk.deal_ref) == ("conversation_recorded", "acme")
    assert (step.fact, step.payload["text"], step.payload["by"]) == (
        "next_step_suggested",
        "Send the price list",
        "Ana",
    )


async def test_a_hook_that_names_nothing_leads_to_what_was_recorded_of_late(
    chorus: RunningSimulator, reading: Reading
) -> None:
    id_ = await recorded(chorus)

    assert of(id_, await reading.by_hook({"event": "recording_done"})) == ["conversation_recorded"]


async def test_action_items_that_come_later_are_read_within_the_hour_and_nothing_is_told_twice(
    chorus: RunningSimulator, reading: Reading
) -> None:
    id_ = await recorded(chorus)
    assert of(id_, await reading.once()) == ["conversation_recorded"]
    await chorus.change(do="work_out", conversation=id_, steps=["Ask legal"])
    assert of(id_, await reading.once()) == []

    reading.ahead = timedelta(hours=1)
    assert of(id_, await reading.once()) == ["next_step_suggested"]
    reading.ahead = timedelta(hours=2)
    assert of(id_, await reading.once()) == []


async def test_of_a_private_conversation_nothing_is_told(chorus: RunningSimulator, reading: Reading) -> None:
    id_ = await recorded(chorus, private=True, steps=["a secret"])

    assert of(id_, await reading.by_hook({"engagement_id": id_})) == []


async def test_a_hook_that_is_missing_is_set_up_anew(reading: Reading) -> None:
    assert "problem" in {one.level for one in await reading.polling.health()}
    await reading.polling.repair()
    assert {one.level for one in await reading.polling.health()} == {"ok"}


@pytest.mark.parametrize("fault", ["server_error", "quota_spent", "expire_token", "lose_request"])
async def test_what_cannot_be_asked_now_is_asked_again_later(
    chorus: RunningSimulator, reading: Reading, fault: str
) -> None:
    await chorus.switch(**{fault: 1})

    with pytest.raises(NotHandedOver):
        await reading.once()
