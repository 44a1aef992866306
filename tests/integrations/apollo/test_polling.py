"""What becomes of contacts in Apollo's sequences, which reading alone finds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.apollo.polling import ApolloPolling
from integrations.apollo.sequences import ApolloSequences
from integrations.apollo.settings import ApolloConnection
from integrations.kit.enrolments import Enrolled, KnownEnrolments
from integrations.kit.simulator.process import RunningSimulator
from store import intake, links, mirror
from store.database import Store
from store.intake import Event
from tests.activities.conftest import Worker
from tests.integrations.apollo.enrolling import in_apollo, until_settled
from tests.integrations.enrolments.effects import its_stop


@dataclass
class Reading:
    """A team, and what is read of it."""

    running: RunningSimulator
    store: Store
    sequences: ApolloSequences
    worker: Worker
    polling: ApolloPolling
    now: datetime
    cursor: str | None = None

    async def enrolled(self, name: str) -> str:
        """A contact in a sequence; returns their address."""
        effect = in_apollo(name)
        assert (await until_settled(self.worker, self.sequences, effect)).status == "done"
        return effect.address

    async def do(self, what: str, address: str, **more: object) -> None:
        await self.running.change(do=what, email=address, **more)

    async def once(self) -> list[Event]:
        """One poll, kept as a worker keeps it."""
        polled = await self.polling.poll(self.cursor)
        await intake.add(self.store, polled.events)
        for one in polled.seen:
            await mirror.note(self.store, "apollo", one.object_id, one.values, one.at)
        self.cursor = polled.cursor
        return list(polled.events)


@pytest.fixture
async def reading(
    apollo: RunningSimulator, store: Store, sequences: ApolloSequences, worker: Worker, connection: ApolloConnection
) -> AsyncIterator[Reading]:
    made = Reading(apollo, store, sequences, worker, ApolloPolling(connection, store), datetime.now(UTC))
    made.polling = ApolloPolling(connection, store, clock=lambda: made.now)
    yield made
    await made.polling.close()


def facts(events: list[Event]) -> list[tuple[str, Any]]:
    return [(one.fact, one.payload.get("how") or one.payload.get("step")) for one in events]


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ([], []),
        (["advance"], [("enrolment_advanced", "2")]),
        (["advance"] * 4, [("enrolment_ended", "finished")]),
        (["reply"], [("enrolment_ended", "replied"), ("reply_received", None)]),
        (["bounce"], [("enrolment_ended", "bounced")]),
        (["unsubscribe"], [("enrolment_ended", "opted_out")]),
        (["fail"], [("enrolment_ended", "failed")]),
        (["finish"], [("enrolment_ended", "stopped")]),
        (["remove"], [("enrolment_ended", "stopped")]),
        (["delete"], [("enrolment_ended", "stopped")]),
    ],
)
async def test_what_becomes_of_an_enrolment_is_told_at_each_reading_under_one_id_with_one_content(
    reading: Reading, done: list[str], expected: list[tuple[str, str | None]]
) -> None:
    address = await reading.enrolled(f"told-{'-'.join(done)}")
    for what in done:
        await reading.do(what, address)

    first = await reading.once()
    reading.now += timedelta(minutes=5)
    second = await reading.once()

    assert facts(first) == facts(second) == expected
    assert [(one.event_id, one.payload) for one in first] == [(one.event_id, one.payload) for one in second]


async def test_facts_find_their_deal_and_name_the_enrolment_and_who_replied(reading: Reading) -> None:
    address = await reading.enrolled("names")
    await reading.do("reply", address)

    ended, reply = await reading.once()

    assert ended.payload["enrolment"] == in_apollo("names").id
    assert reply.payload["address"] == address
    assert {await links.deal_of(reading.store, "apollo", one.deal_ref or "") for one in (reply, ended)} == {"acme-1"}


async def test_replies_after_the_end_are_told_for_two_weeks_and_then_it_is_forgotten(reading: Reading) -> None:
    address = await reading.enrolled("late")
    await reading.do("finish", address)
    await reading.once()
    await reading.do("reply", address)
    late = await reading.once()
    reading.now += timedelta(days=15)
    forgotten = await reading.once()

    assert facts(late) == [("enrolment_ended", "stopped"), ("reply_received", None)]
    assert forgotten == []
    assert await links.list_links(reading.store, source="apollo") == []


async def test_what_we_do_ourselves_is_not_told(reading: Reading) -> None:
    effect = in_apollo("echo")
    await until_settled(reading.worker, reading.sequences, effect)
    await until_settled(reading.worker, reading.sequences, its_stop(effect))
    assert await reading.once() == []


async def test_an_enrolment_whose_answer_was_lost_is_read_too(reading: Reading) -> None:
    effect = in_apollo("unanswered")
    await reading.running.switch(only="/add_contact_ids$", lose_response=1)
    with pytest.raises(Exception, match="no answer"):
        await reading.worker.attempt(effect, prepare=lambda: reading.sequences.enrol("acme-1", effect))
    await reading.do("bounce", effect.address)
    assert facts(await reading.once()) == [("enrolment_ended", "bounced")]


async def test_an_earlier_removal_is_not_taken_for_the_end_of_an_enrolment_that_is_not_there_yet(
    reading: Reading,
) -> None:
    effect = in_apollo("not-yet")
    await reading.running.change(do="save", email=effect.address)
    await reading.do("enrol", effect.address)
    await reading.do("remove", effect.address)
    await reading.running.switch(only="/add_contact_ids$", lose_request=1)
    with pytest.raises(Exception, match="no answer"):
        await reading.worker.attempt(effect, prepare=lambda: reading.sequences.enrol("acme-1", effect))
    assert await reading.once() == []


async def test_replies_of_before_the_enrolment_are_not_told(reading: Reading) -> None:
    effect = in_apollo("before")
    await reading.running.change(do="save", email=effect.address)
    await reading.do("enrol", effect.address)
    await reading.running.switch(clock_skew=-60)
    await reading.do("reply", effect.address)
    await reading.running.switch(clock_skew=0)
    await until_settled(reading.worker, reading.sequences, effect)
    assert await reading.once() == []


async def test_many_enrolments_are_read_in_turn_some_at_each_poll(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.apollo.polling.AT_ONCE", 2)
    for number in range(3):
        await reading.do("advance", await reading.enrolled(f"turn-{number}"))

    told = [len(await reading.once()) for _ in range(3)]

    assert told == [2, 2, 2]
    assert len(await intake.recent(reading.store, limit=10)) == 3


async def test_an_enrolment_that_apollo_refuses_to_show_keeps_no_other_from_being_read(reading: Reading) -> None:
    address = await reading.enrolled("readable")
    await reading.do("bounce", address)
    who = Enrolled(deal="acme-1", enrolment="acme-1/x/1/1/1", address="odd@buyer.example")
    await KnownEnrolments(reading.store, "apollo").mean("..%2F/66e9e215ece19801b2199942", who, [])
    await links.link(reading.store, "apollo", "enrolment:..%2F/66e9e215ece19801b2199942", "acme-1")
    assert facts(await reading.once()) == [("enrolment_ended", "bounced")]


async def test_the_key_is_looked_at(reading: Reading, connection: ApolloConnection) -> None:
    weak = ApolloPolling(connection.model_copy(update={"key": SecretStr("apollo-local-weak-key")}), reading.store)
    (well,), (badly,) = await reading.polling.health(), await weak.health()
    await weak.close()
    assert (well.level, badly.level) == ("ok", "problem")
    assert "not authorized to access" in badly.says
