"""What happens to documents in PandaDoc, as webhooks and the log of their events tell it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.kit.errors import NotHandedOver, Unanswered
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.pandadoc.inbound import PandaDocWebhooks
from integrations.pandadoc.polling import PandaDocPolling
from integrations.registry import shipped_mappings
from store.database import Store
from store.intake import Event, IntakeState
from tests.integrations.documents.desk import Desk
from tests.integrations.documents.effects import a_proposal

MAPPING = shipped_mappings()["pandadoc"]
LOGGED = "GET /public/v1/webhook-events/"
SAMPLE = Path(__file__).parent / "samples" / "document_state_changed.json"


def request(body: bytes, **query: str) -> WebhookRequest:
    return WebhookRequest("POST", "https://deals.example/webhooks/pandadoc", {}, body, query)


async def read(store: Store, *bodies: bytes) -> list[Event]:
    found: list[Event] = []
    for body in bodies:
        found += (await PandaDocWebhooks(None)(request(body), Source(MAPPING), store)).events
    return found


def facts(events: list[Event]) -> list[str]:
    return [event.fact for event in events if event.state is IntakeState.WAITING]


async def test_a_webhook_proves_where_it_comes_from_by_the_hash_in_its_query() -> None:
    verifier = verifier_for("pandadoc", MAPPING.auth, ["secret"])
    body, now = b'{"event":"demo","n":1}', datetime.now(UTC)
    right = "dd634aab72e21cb5ab605b0076a45274fb233999ee81d0415be711889f3a6641"
    await verifier.check(request(body, signature=right), now)
    for wrong in (request(body), request(body, signature=right[::-1]), request(body + b" ", signature=right)):
        with pytest.raises(InvalidSignature):
            await verifier.check(wrong, now)


async def test_a_recorded_webhook_can_be_read_and_a_draft_says_nothing(store: Store) -> None:
    (event,) = await read(store, SAMPLE.read_bytes())
    assert (event.state, facts([event])) == (IntakeState.SKIPPED, [])


async def test_what_webhooks_did_not_bring_is_read_in_the_log_under_the_same_ids(
    desk: Desk, polling: PandaDocPolling
) -> None:
    cursor = (await polling.poll(None)).cursor
    sent = await desk.sent(a_proposal("log", "pandadoc"))
    await desk.running.change(do="view", document=sent)
    await desk.running.change(do="disable")
    await desk.running.change(do="decline", document=sent)

    events, more = list[Event](), True
    while more:
        page = await polling.poll(cursor)
        events += [event for event in page.events if sent in event.event_id]
        cursor, more = page.cursor, page.more
    await polling.repair()

    came = await desk.brought(sent)
    assert facts(events) == ["proposal_opened", "proposal_declined"]
    assert {event.event_id for event in came} < {event.event_id for event in events}


async def test_an_event_of_the_log_is_fetched_once_though_the_log_is_listed_with_an_overlap(
    desk: Desk, polling: PandaDocPolling
) -> None:
    cursor = (await polling.poll(None)).cursor
    sent = await desk.sent(a_proposal("log-once", "pandadoc"))
    await desk.running.change(do="view", document=sent)
    before = len(await desk.running.calls(LOGGED))

    told, fetched, more = list[str](), list[int](), 3
    while more:
        page = await polling.poll(cursor)
        told += [event.fact for event in page.events if sent in event.event_id and event.fact]
        cursor, more = page.cursor, more if page.more else more - 1
        fetched.append(len(await desk.running.calls(LOGGED)) - before)

    assert told == ["proposal_opened"]
    assert fetched[-3:] == [fetched[-1]] * 3


async def test_an_event_of_the_log_that_could_not_be_fetched_is_fetched_the_next_time(
    desk: Desk, polling: PandaDocPolling
) -> None:
    cursor = (await polling.poll(None)).cursor
    sent = await desk.sent(a_proposal("log-failed", "pandadoc"))
    await desk.running.change(do="view", document=sent)
    await desk.running.switch(only=LOGGED, server_error=1)
    with pytest.raises((NotHandedOver, Unanswered)):
        await polling.poll(cursor)

    told, more = list[str](), True
    while more:
        page = await polling.poll(cursor)
        told += [event.fact for event in page.events if sent in event.event_id and event.fact]
        cursor, more = page.cursor, page.more

    assert "proposal_opened" in told
