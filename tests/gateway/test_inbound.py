"""Sources whose requests code reads, and sources that only hint at what happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from pydantic import JsonValue

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from gateway.webhooks.dispatch import Dispatcher
from gateway.webhooks.receive import WebhookSources
from gateway.webhooks.sources import SourceConfiguration, configured_sources
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.forms import form_of
from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.answers import Reply
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_from, events_in
from integrations.kit.mapping.files import read_mapping
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from store import intake
from store.database import Store
from store.intake import IntakeState
from tests.gateway.conftest import OPTIONS, PUBLIC_URL, served
from tests.gateway.fake_deals import FakeDealClient

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECRET = "a-secret-of-this-chat"
CHAT = """
source: chat
title: Chat
about: A test.
auth: {scheme: secret_path}
keep_ids_for: 1d
body: code
challenge: {when: {event.type: url_verification}, answer: {body: "{event.challenge}"}}
answer: {status: 200}
event_id: [event.id]
occurred_at: {path: event.at}
deal: {id: event.deal}
rules: [{fact: note_added, fields: {text: "{event.text} {query.team}"}}]
"""


async def handler(request: WebhookRequest, source: Source, store: Store) -> InboundResult:
    """Reads the form's field ``payload``, as a chat's buttons send it."""
    assert isinstance(store, Store)
    fields = form_of(request.body, request.headers.get("content-type", "")).fields
    if "payload" not in fields:
        raise Unreadable("the form has no payload")
    document: JsonValue = json.loads(fields["payload"])
    events = events_from(source, document, NOW)
    note = [event.model_copy(update={"payload": {**event.payload, "by": request.query["who"]}}) for event in events]
    answer = Reply(201, "text/plain", b"as code says") if "odd" in fields else None
    return InboundResult(tuple(note), answer)


async def post(store: Store, deals: DealClient, body: bytes, **more: str) -> httpx2.Response:
    """Send the chat's request to a gateway where code reads it."""
    app = create_app(OPTIONS, deals, store)
    configuration = SourceConfiguration({"chat": [SECRET]}, handlers={"chat": handler})
    known = configured_sources({"chat": read_mapping(CHAT, "chat.yaml")}, configuration, PUBLIC_URL)
    app.state.sources = WebhookSources(store, known, PUBLIC_URL)
    headers = {"Content-Type": more.get("content_type", "application/x-www-form-urlencoded")}
    async with served(app) as client:
        return await client.post(f"/webhooks/chat/{more.get('secret', SECRET)}?who=Ana", content=body, headers=headers)


PAYLOAD = b"payload=%7B%22id%22%3A%221%22%2C%22deal%22%3A%22acme%22%2C%22text%22%3A%22hi%22%7D"
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{"id":"1","deal":"acme","text":"hi"}\r\n'
    b'--b\r\nContent-Disposition: form-data; name="mail"; filename="m.eml"\r\n\r\nSubject: x\r\n\r\n--b--\r\n'
)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(PAYLOAD, "application/x-www-form-urlencoded"), (MULTIPART, "multipart/form-data; boundary=b")],
    ids=["form", "multipart"],
)
async def test_code_reads_forms_and_the_query_and_its_events_are_kept(
    store: Store, away: DealClient, body: bytes, content_type: str
) -> None:
    answer = await post(store, away, body, content_type=content_type)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"", "text/plain")
    (row,) = await intake.recent(store)
    assert (row.fact, row.deal_ref, row.payload["by"]) == ("note_added", "acme", "Ana")


async def test_code_may_say_what_is_answered(store: Store, away: DealClient) -> None:
    answer = await post(store, away, PAYLOAD + b"&odd=1")
    assert (answer.status_code, answer.text) == (201, "as code says")


async def test_a_challenge_needs_no_code_and_brings_nothing(store: Store, away: DealClient) -> None:
    body = b'{"type": "url_verification", "challenge": "c-1"}'
    answer = await post(store, away, body, content_type="application/json")
    assert (answer.status_code, answer.text) == (200, "c-1")
    assert await intake.recent(store) == []


async def test_code_is_not_asked_about_what_proves_nothing(store: Store, away: DealClient) -> None:
    assert (await post(store, away, PAYLOAD, secret="another")).status_code == 401
    (row,) = await intake.recent(store)
    assert row.state is IntakeState.REFUSED


async def test_what_code_cannot_read_is_refused_and_leaves_a_trace(store: Store, away: DealClient) -> None:
    assert (await post(store, away, b"a=b")).status_code == 422
    (row,) = await intake.recent(store)
    assert row.last_error == "the form has no payload"


HINTS = """
source: pages
title: Pages
about: A test.
auth: {scheme: confirm_by_get}
keep_ids_for: 5d
event_id: [event.id]
occurred_at: {path: event.at}
deal: {id: event.fetched.deal}
fetch: {what: "{event.page}"}
rules:
  - when: {event.kind: accepted, event.fetched.status: accepted}
    facts: [{fact: proposal_accepted}, {fact: note_added, fields: {text: "{event.fetched.text}"}}]
"""
ACCEPTED: JsonValue = {"deal": "acme", "status": "accepted", "text": "as the tool says"}


class Pages:
    """The tool, which answers as it is told."""

    def __init__(self, *answers: JsonValue | Exception) -> None:
        self.answers, self.asked = list(answers), list[JsonValue]()

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        self.asked.append(what)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def hinted(store: Store, pages: Pages, *, connected: bool = True) -> tuple[FakeDealClient, Dispatcher]:
    source = read_mapping(HINTS, "pages.yaml").with_settings({})
    body = json.dumps({"id": "1", "kind": "accepted", "page": "p9"}).encode()
    request = WebhookRequest("POST", "https://deals.example.com/x", {"x-secret": "s3cret"}, body)
    for _ in range(2):  # a hint may come again
        await intake.add(store, events_in(source, request, NOW))
    deals, times = await FakeDealClient.make(), iter(NOW + timedelta(hours=n) for n in range(1000))
    fetchers = {"pages": (source, pages)} if connected else {}
    return deals, Dispatcher(store, deals, frozenset({"pages"}), clock=lambda: next(times), fetchers=fetchers)


async def test_what_a_hint_points_at_is_fetched_and_told(store: Store) -> None:
    pages = Pages(ACCEPTED)
    deals, dispatcher = await hinted(store, pages)
    for _ in range(2):
        await dispatcher.run_round()
    assert pages.asked == ["p9"]
    assert deals.told == [("acme", "pages:1.proposal_accepted"), ("acme", "pages:1.note_added")]
    assert "s3cret" not in str(await intake.recent(store))


@pytest.mark.parametrize(("page", "differ"), [("p9", 0), ("p10", 1)], ids=["the same page", "another page"])
async def test_a_hint_that_comes_by_another_way_is_told_apart_by_what_it_points_at(
    store: Store, page: str, differ: int
) -> None:
    await hinted(store, Pages())
    source = read_mapping(HINTS, "pages.yaml").with_settings({})
    document: JsonValue = {"id": "1", "kind": "accepted", "page": page, "read_from": "a list"}
    assert len(await intake.conflicting(store, events_from(source, document, NOW))) == differ


@pytest.mark.parametrize("away", [NotHandedOver("a quota is spent"), Unanswered("it timed out")])
async def test_while_the_tool_is_away_a_hint_waits(store: Store, away: Exception) -> None:
    deals, dispatcher = await hinted(store, Pages(away, ACCEPTED))
    await dispatcher.run_round()
    (row,) = await intake.recent(store)
    assert (row.state, deals.told) == (IntakeState.WAITING, [])
    assert row.last_error in ("a quota is spent", "it timed out")
    for _ in range(2):
        await dispatcher.run_round()
    assert len(deals.told) == 2


async def test_a_tool_that_failed_is_asked_again_soon_and_then_ever_more_rarely(store: Store) -> None:
    _, dispatcher = await hinted(store, Pages(*[Unanswered("it cut the connection")] * 4))
    now = NOW
    dispatcher.clock = lambda: now
    waits = []
    for _ in range(4):
        await dispatcher.run_round()
        (row,) = await intake.recent(store)
        waits.append((row.not_before - now).total_seconds())
        now = row.not_before
    assert waits == [1, 2, 4, 8]


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Refused("we may not read it"), IntakeState.REFUSED), (None, IntakeState.SKIPPED)],
    ids=["refused", "gone"],
)
async def test_a_hint_at_what_cannot_be_had_is_kept_with_the_reason(
    store: Store, answer: Exception | None, state: IntakeState
) -> None:
    deals, dispatcher = await hinted(store, Pages(answer))
    await dispatcher.run_round()
    (row,) = await intake.recent(store)
    assert (row.state, deals.told) == (state, [])
    assert row.last_error


async def test_a_hint_that_the_tool_does_not_confirm_tells_nothing(store: Store) -> None:
    deals, dispatcher = await hinted(store, Pages({"deal": "acme", "status": "viewed"}))
    for _ in range(2):
        await dispatcher.run_round()
    assert deals.told == []
    assert IntakeState.SKIPPED in {row.state for row in await intake.recent(store)}


async def test_without_a_connection_hints_wait(store: Store) -> None:
    _, dispatcher = await hinted(store, Pages(), connected=False)
    await dispatcher.run_round()
    (row,) = await intake.recent(store)
    assert (row.state, "no connection" in str(row.last_error)) == (IntakeState.WAITING, True)


async def test_ids_are_kept_for_as_long_as_a_source_may_send_them_again(store: Store) -> None:
    deals = await FakeDealClient.make()
    source = read_mapping(CHAT, "chat.yaml").with_settings({})
    for name in ("chat", "other"):
        (event,) = events_from(source, {"id": "1", "deal": "acme"}, NOW)
        await intake.add(store, [event.model_copy(update={"source": name, "state": IntakeState.SKIPPED})])
    for hours, left in ((2, ["chat"]), (30, [])):
        dispatcher = Dispatcher(
            store, deals, frozenset(), retention=timedelta(hours=1), keep_ids_for={"chat": timedelta(days=1)},
            clock=lambda hours=hours: NOW + timedelta(hours=hours),  # type: ignore[misc] # of this turn
        )  # fmt: skip
        await dispatcher.clean_up()
        assert [row.source for row in await intake.recent(store)] == left
