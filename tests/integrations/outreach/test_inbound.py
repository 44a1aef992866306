"""What becomes of contacts in Outreach's sequences, as webhooks hint at it and reading finds it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.kit.errors import Refused
from integrations.kit.mapping.events import events_after_fetch, events_from, events_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.kit.simulator.process import RunningSimulator
from integrations.outreach.fetcher import OutreachFetcher
from integrations.outreach.polling import OutreachPolling
from integrations.outreach.sequences import OutreachSequences
from integrations.outreach.settings import OutreachConnection
from integrations.registry import shipped_mappings
from local.webhook_receiver import WebhookReceiver
from store.database import Store
from store.intake import Event, IntakeState
from tests.activities.conftest import Worker
from tests.integrations.enrolments.effects import an_enrolment, its_stop
from tests.integrations.outreach.enrolling import until_settled

MAPPING = shipped_mappings()["outreach"]
SAMPLE = Path(__file__).parent / "samples" / "sequence_state_finished.json"


@dataclass
class Told:
    """An organization, and what its webhooks and reading bring."""

    running: RunningSimulator
    door: WebhookReceiver
    store: Store
    sequences: OutreachSequences
    worker: Worker
    polling: OutreachPolling
    fetcher: OutreachFetcher
    cursor: str | None = None
    seen: int = field(default=0)

    async def begins(self) -> None:
        """What happened before is told to nobody: subscribed to events, and read up to now."""
        await self.polling.repair()
        await self.running.deliver()
        self.seen = len(self.door.requests)
        self.cursor = (await self.polling.poll(None)).cursor

    async def enrolled(self, name: str) -> str:
        """A contact in a sequence; returns the sequence state's id."""
        outcome = await until_settled(self.worker, self.sequences, an_enrolment(name, "outreach", "42"))
        return str(outcome.reference)

    async def do(self, what: str, state: str, **more: object) -> None:
        await self.running.change(do=what, state=int(state), **more)

    async def brought(self) -> list[Event]:
        """What webhooks have brought since it began, each read as the gateway reads it."""
        await self.running.deliver()
        found: list[Event] = []
        for headers, body in self.door.requests[self.seen :]:
            found += await self.read(body, headers)
        return found

    async def read(self, body: bytes, headers: dict[str, str] | None = None) -> list[Event]:
        """The events of a webhook, fetched as the gateway does."""
        source, now = Source(MAPPING), datetime.now(UTC)
        request = WebhookRequest("POST", "https://deals.example/webhooks/outreach", headers or {}, body, {})
        (hint,) = events_in(source, request, now)
        if hint.fact != "fetch":
            return [hint]
        fetched = await self.fetcher.fetch(hint.payload["what"])
        return [] if fetched is None else events_after_fetch(source, hint, fetched)

    async def polled(self) -> list[Event]:
        """What reading finds since the last time."""
        found, more = list[Event](), True
        while more:
            page = await self.polling.poll(self.cursor)
            found += page.events
            self.cursor, more = page.cursor, page.more
        return found


@pytest.fixture
async def told(
    outreach: RunningSimulator, gateway_door: WebhookReceiver, store: Store, sequences: OutreachSequences,
    worker: Worker, connection: OutreachConnection,
) -> AsyncIterator[Told]:  # fmt: skip
    polling, fetcher = OutreachPolling(connection, store), OutreachFetcher(connection, store)
    made = Told(outreach, gateway_door, store, sequences, worker, polling, fetcher)
    await made.begins()
    yield made
    await polling.close()
    await fetcher.close()


def facts(events: list[Event], state: str | None = None) -> list[tuple[str, Any]]:
    """The facts that come to deals, each once, with what tells them apart."""
    ids = {event.event_id: event for event in events if event.state is IntakeState.WAITING}
    told = [one for one in ids.values() if state is None or state in one.event_id or one.fact == "reply_received"]
    return [(one.fact, one.payload.get("how") or one.payload.get("step")) for one in told]


async def test_a_webhook_proves_where_it_comes_from_by_the_hash_in_its_header() -> None:
    verifier, now = verifier_for("outreach", MAPPING.auth, ["0123456789abcdef"]), datetime.now(UTC)
    body = b'{"event":"demo","n":1}'

    def request(signature: str | None, content: bytes = body) -> WebhookRequest:
        headers = {} if signature is None else {"outreach-webhook-signature": signature}
        return WebhookRequest("POST", "https://deals.example/webhooks/outreach", headers, content, {})

    right = _hash("0123456789abcdef", body)
    await verifier.check(request(right), now)
    for wrong in (request(None), request(right[::-1]), request(right, body + b" ")):
        with pytest.raises(InvalidSignature):
            await verifier.check(wrong, now)


async def test_a_webhook_is_a_hint_known_by_its_job_and_without_one_by_its_content() -> None:
    body: Any = json.loads(SAMPLE.read_text())
    source, now = Source(MAPPING), datetime.now(UTC)
    (hint,) = events_from(source, body, now)
    assert (hint.fact, hint.event_id) == ("fetch", "5f0f3b52-0000-4000-8000-000000000007.hint")
    assert hint.payload["what"] == {
        "type": "sequenceState", "id": 7, "event": "sequenceState.finished",
        "relationships": body["data"]["relationships"],
    }  # fmt: skip
    del body["meta"]["jobId"]
    (first,), (second,) = events_from(source, body, now), events_from(source, body, now)
    assert first.event_id == second.event_id
    assert first.event_id.startswith("sha256-")


async def test_what_is_not_a_record_of_outreach_is_refused(told: Told) -> None:
    with pytest.raises(Refused):
        await told.fetcher.fetch({"type": "sequenceState"})
    (event,) = await told.read(b'{"data": {"type": "account", "id": 13}, "meta": {"eventName": "account.created"}}')
    assert (event.state, event.last_error) == (IntakeState.SKIPPED, "nothing that matters to a deal")


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (["advance"], [("enrolment_advanced", "422")]),
        (["advance"] * 4, [("enrolment_ended", "finished")]),
        (["reply"], [("reply_received", None), ("enrolment_ended", "replied")]),
        (["bounce"], [("enrolment_ended", "bounced")]),
        (["opt_out"], [("enrolment_ended", "opted_out")]),
        (["fail"], [("enrolment_ended", "failed")]),
        (["finish"], [("enrolment_ended", "finished")]),
    ],
)
async def test_what_becomes_of_an_enrolment_is_told_once_by_webhook_and_by_reading(
    told: Told, done: list[str], expected: list[tuple[str, str | None]]
) -> None:
    state = await told.enrolled(f"told-{done[0]}-{len(done)}")
    for what in done:
        await told.do(what, state)

    by_webhook, by_reading = await told.brought(), await told.polled()

    assert sorted(map(str, facts(by_webhook))) == sorted(map(str, expected))
    assert sorted(map(str, facts(by_reading))) == sorted(map(str, expected))
    ids = {event.event_id: event.payload for event in by_webhook if event.state is IntakeState.WAITING}
    assert ids == {event.event_id: event.payload for event in by_reading if event.state is IntakeState.WAITING}


async def test_facts_name_the_deal_its_enrolment_and_who_replied(told: Told) -> None:
    state = await told.enrolled("names")
    await told.do("reply", state, subject="Re: your offer")

    events = await told.polled()

    ended = next(event for event in events if event.fact == "enrolment_ended")
    reply = next(event for event in events if event.fact == "reply_received")
    assert {ended.deal_ref, reply.deal_ref} == {"acme-1"}
    assert ended.payload["enrolment"] == an_enrolment("names", "outreach", "42").id
    assert (reply.payload["address"], reply.payload["note"]) == ("names@buyer.example", "Re: your offer")


async def test_a_reply_after_which_the_sequence_goes_on_and_a_second_one_are_told_each(told: Told) -> None:
    state = await told.enrolled("twice")
    await told.do("reply", state, ends=False)
    await told.do("reply", state)

    assert facts(await told.polled()) == [
        ("enrolment_ended", "replied"), ("reply_received", None), ("reply_received", None),
    ]  # fmt: skip


async def test_an_id_has_one_content_whatever_changes_of_the_record_meanwhile(told: Told) -> None:
    """An event that comes again under its id with other content would be refused, and shown to people."""
    state = await told.enrolled("changing")
    await told.do("advance", state)
    first = await told.polled()
    await told.do("touch", state)
    again = await told.polled()
    await told.do("finish", state)
    ended = await told.polled()
    await told.do("reply", state)
    later = await told.polled()

    assert facts(first) == [("enrolment_advanced", "422")]
    assert facts(ended) == [("enrolment_ended", "finished")]
    assert facts(later) == [("enrolment_ended", "replied"), ("reply_received", None)]
    contents: dict[str, Any] = {}
    for event in [*first, *again, *ended, *later]:
        assert contents.setdefault(event.event_id, event.payload) == event.payload


async def test_what_we_do_ourselves_does_not_come_back_as_a_fact(told: Told) -> None:
    effect = an_enrolment("echo", "outreach", "42")
    enrolled = await until_settled(told.worker, told.sequences, effect)
    assert facts(await told.polled()) == []
    await until_settled(told.worker, told.sequences, its_stop(effect), enrolled.reference)

    events = [*await told.brought(), *await told.polled()]

    assert facts(events) == []
    assert "we did it ourselves" in {event.last_error for event in events}


async def test_what_people_enrol_themselves_is_told_to_no_deal_and_costs_no_call(told: Told) -> None:
    await told.running.change(do="add_prospect", email="walk-in@buyer.example")
    made: Any = await told.running.change(do="enrol", email="walk-in@buyer.example", sequence=42)
    await told.do("advance", made["id"])
    before = len(await told.running.calls("/sequenceStates/"))

    events = await told.brought()

    assert (facts(events), {event.last_error for event in events}) == ([], {"nothing that matters to a deal"})
    assert len(await told.running.calls("/sequenceStates/")) == before
    assert facts(await told.polled()) == []


async def test_an_enrolment_whose_answer_was_lost_is_known_by_who_is_in_which_sequence(told: Told) -> None:
    effect = an_enrolment("unanswered", "outreach", "42")
    await told.running.switch(only="POST /api/v2/sequenceStates$", lose_response=1)
    with pytest.raises(Exception, match="no answer"):
        await told.worker.attempt(effect, prepare=lambda: told.sequences.enrol("acme-1", effect))
        # Nobody has looked for it since.

    held: Any = await told.running.state()
    (state,) = [
        one for one in held["states"].values() if held["prospects"][str(one["prospect"])]["emails"] == [effect.address]
    ]
    await told.do("bounce", state["id"])

    assert facts(await told.brought()) == [("enrolment_ended", "bounced")]


async def test_a_sequence_state_that_somebody_deleted_has_stopped(told: Told) -> None:
    state = await told.enrolled("deleted")
    await told.do("delete", state)
    assert facts(await told.brought()) == [("enrolment_ended", "stopped")]


async def test_what_webhooks_lost_is_found_by_reading(told: Told) -> None:
    """A door that answers 500: to Outreach, that is delivered."""
    state = await told.enrolled("lost")
    told.door.answers = [500] * 2
    await told.do("reply", state)
    sent = await told.running.deliver()

    assert sent.waiting == 0
    assert [one.status for one in sent.attempts[-2:]] == [500] * 2
    assert facts(await told.polled()) == [("enrolment_ended", "replied"), ("reply_received", None)]


async def test_pages_are_read_to_their_end(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.outreach.client.PAGE", 2)
    for number in range(3):
        await told.do("bounce", await told.enrolled(f"page-{number}"))

    page = await told.polling.poll(told.cursor)

    assert page.more
    assert len(facts(await told.polled())) == 3


async def test_missing_webhooks_are_subscribed_to_and_those_that_are_off_switched_on_again(told: Told) -> None:
    well = [one.level for one in await told.polling.health()]
    await told.running.change(do="disable_webhooks")
    seen = [(one.level, one.says) for one in await told.polling.health()]
    mended = [one.says for one in await told.polling.repair()]

    assert well == ["ok", "ok"]
    assert seen[1][0] == "problem"
    assert seen[1][1].endswith("switched off")
    assert mended == [
        f"{one} was switched on again"
        for one in (
            "sequenceState.advanced", "sequenceState.finished", "sequenceState.updated", "sequenceState.destroyed",
            "mailing.replied",
        )
    ]  # fmt: skip
    assert [one.level for one in await told.polling.health()] == ["ok", "ok"]
    assert await told.polling.repair() == []


def _hash(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
