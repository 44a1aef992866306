"""Clari Copilot on this machine: a call is told once it was worked out, and its action items once each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.clari_copilot import client
from integrations.clari_copilot.polling import ClariCopilotPolling
from integrations.clari_copilot.settings import ClariCopilotConnection
from integrations.kit.errors import NotHandedOver
from integrations.kit.simulator.process import RunningSimulator
from store import intake, mirror
from store.database import Store
from store.intake import Event, IntakeState
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

ANA, EVA = "ana@buyer.example", "eva@us.example"


@pytest.fixture(scope="module")
async def copilot() -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.clari_copilot.simulator") as running:
        yield running


class Reading:
    """What is read, kept as the worker keeps it."""

    def __init__(self, connection: ClariCopilotConnection, store: Store) -> None:
        self.connection, self.store = connection, store
        self.polling = ClariCopilotPolling(connection, store, lambda: datetime.now(UTC))
        self.cursor: str | None = '{"since": "2026-01-01T00:00:00Z"}'

    async def once(self) -> list[Event]:
        """One pass over all pages."""
        events = list[Event]()
        while True:
            polled = await self.polling.poll(self.cursor)
            for one in polled.seen:
                await mirror.note(self.store, "clari_copilot", one.object_id, one.values, one.at)
            events += polled.events
            self.cursor = polled.cursor
            if not polled.more:
                return events


@pytest.fixture
async def reading(copilot: RunningSimulator, tmp_path: Path) -> AsyncIterator[Reading]:
    store = Store.open(migrated(tmp_path))
    await intake.link(store, "salesforce", "opportunity:0061", "acme")
    await intake.link(store, "hubspot", "deal:9001", "other")
    example = await copilot.connection()
    given = {name: SecretStr(example.secrets[name.replace("_", "-")]) for name in ("api_key", "api_password")}
    connection = ClariCopilotConnection.model_validate({"base_url": example.block["base_url"], **given})
    reading = Reading(connection, store)
    yield reading
    await copilot.switch(server_error=0, quota_spent=0, expire_token=0, lose_request=0)
    state: Any = await copilot.state()
    for id_ in state["calls"]:
        await copilot.change(do="delete", call=id_)
    await reading.polling.close()
    await store.close()


async def recorded(copilot: RunningSimulator, **call: object) -> str:
    made: Any = await copilot.change(do="record", **{"emails": [ANA], "ours": [EVA], **call})
    return str(made["id"])


async def test_a_call_is_told_of_the_deal_whose_record_it_names(copilot: RunningSimulator, reading: Reading) -> None:
    id_ = await recorded(copilot, deal="0061", steps=["Send the price list"])

    talk, step = await reading.once()

    assert (talk.fact, talk.deal_ref, talk.payload["conversation"]) == ("conversation_recorded", "acme", id_)
    assert talk.payload["lasted"] == "PT30M"
    assert talk.payload["parties"] == [
        {"name": "Ana", "address": ANA, "ours": False},
        {"address": EVA, "ours": True},
    ]
    assert (step.fact, step.deal_ref, step.payload["text"]) == ("next_step_suggested", "acme", "Send the price list")
    assert step.payload["by"] == "Ana"


@pytest.mark.parametrize(("system", "deal", "is_about"), [("SALESFORCE", "0061", "acme"), ("hubspot", "9001", "other")])
async def test_the_record_may_be_any_crm_s(
    copilot: RunningSimulator, reading: Reading, system: str, deal: str, is_about: str
) -> None:
    await recorded(copilot, system=system, deal=deal)

    assert [one.deal_ref for one in await reading.once()] == [is_about]


async def test_a_call_without_a_record_is_matched_by_who_joined(copilot: RunningSimulator, reading: Reading) -> None:
    id_ = await recorded(copilot, invited=["boss@buyer.example"])

    (talk,) = await reading.once()

    assert (talk.deal_ref, talk.contacts) == (f"conversation:{id_}", (ANA,))


async def test_action_items_that_come_later_are_read_and_nothing_is_told_twice(
    copilot: RunningSimulator, reading: Reading
) -> None:
    id_ = await recorded(copilot, deal="0061", status="PROCESSED")
    first = [one.fact for one in await reading.once()]
    unchanged = await reading.once()
    await copilot.change(do="work_out", call=id_, steps=["Ask legal"])

    assert (first, unchanged) == (["conversation_recorded"], [])
    assert [one.fact for one in await reading.once()] == ["next_step_suggested"]
    assert await reading.once() == []


async def test_a_call_is_read_only_when_it_changed(copilot: RunningSimulator, reading: Reading) -> None:
    await recorded(copilot, deal="0061")
    await reading.once()
    before = await details_read(copilot)
    await reading.once()

    assert await details_read(copilot) == before > 0


async def details_read(copilot: RunningSimulator) -> int:
    return len(await copilot.calls("GET /call-details"))


@pytest.mark.parametrize(
    "call",
    [
        {"status": "SCHEDULED"}, {"status": "PROCESSING"}, {"status": "CALL_DID_NOT_HAPPEN"},
        {"disposition": "CALL_NOBODY_JOINED"}, {"disposition": "CALL_DID_NOT_CONNECT_WITH_PROSPECT"},
        {"private": True, "steps": ["a secret"]}, {"minutes_ago": 3 * 24 * 60},
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_no_conversation_of_the_last_day_or_is_private_tells_nothing(
    copilot: RunningSimulator, reading: Reading, call: dict[str, object]
) -> None:
    await recorded(copilot, deal="0061", **call)

    assert await reading.once() == []


async def test_many_calls_are_read_in_pages(
    copilot: RunningSimulator, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 3)
    for _ in range(8):
        await recorded(copilot, deal="0061")

    told = await reading.once()

    assert len({one.event_id for one in told}) == 8
    assert {one.state for one in told} == {IntakeState.WAITING}


async def test_calls_of_before_the_connection_are_told_to_nobody(copilot: RunningSimulator, reading: Reading) -> None:
    await recorded(copilot, deal="0061")
    reading.cursor = None

    assert await reading.once() == []


@pytest.mark.parametrize("fault", ["server_error", "quota_spent", "expire_token", "lose_request"])
async def test_what_cannot_be_asked_now_is_asked_again_later(
    copilot: RunningSimulator, reading: Reading, fault: str
) -> None:
    await copilot.switch(**{fault: -1})
    with pytest.raises(NotHandedOver):
        await reading.once()


async def test_the_check_says_whether_key_and_password_are_taken(reading: Reading) -> None:
    changes = {"api_password": SecretStr("another-password-than-it-takes")}
    wrong = ClariCopilotPolling(reading.connection.model_copy(update=changes), reading.store)

    found = [await reading.polling.health(), await wrong.health()]
    await wrong.close()

    assert [one.level for (one,) in found] == ["ok", "problem"]
