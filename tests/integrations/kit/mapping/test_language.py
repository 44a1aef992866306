"""What mapping files can say, each on a source made for it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from integrations.kit.mapping.answers import Reply
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import challenge_in, events_after_fetch, events_in, reply_to
from integrations.kit.mapping.expressions import look
from integrations.kit.mapping.files import read_mapping
from integrations.kit.mapping.meaning import FETCHES
from integrations.kit.mapping.source_mapping import BadMapping, Source, Tables
from integrations.kit.proof.request import WebhookRequest
from store.intake import Event, IntakeState

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NOTE = "{fact: note_added, fields: {text: '{event.text}'}}"


def source(*lines: str, rules: str = NOTE, tables: Tables | None = None, **settings: str) -> Source:
    usual = ("event_id: [event.id]", "deal: {id: event.deal}")
    text = "\n".join([
        "source: other", "title: Other", "about: A test.", "auth: {scheme: standard_webhooks}",
        "occurred_at: {path: event.at}", *(one for one in usual if not any(line.startswith(one[:5]) for line in lines)),
        *lines, f"rules: [{rules}]",
    ])  # fmt: skip
    return read_mapping(text, "other.yaml").with_settings(settings, tables)


def request(body: object, content_type: str = "application/json", **query: str) -> WebhookRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest("POST", "https://deals.example.com/x", {"content-type": content_type}, raw, query)


def read(of: Source, body: object, content_type: str = "application/json", **query: str) -> list[Event]:
    return events_in(of, request(body, content_type, **query), NOW)


def event(**more: JsonValue) -> dict[str, JsonValue]:
    return {"id": "1", "deal": "acme", "text": "x", **more}


def text_of(given: Event) -> object:
    return given.payload.get("text")


def test_an_expression_may_choose_filter_and_compute() -> None:
    rules = "{fact: note_added, fields: {text: \"{(event.notes[?kind=='main'].text | [0]) || event.text}\"}}"
    (first,) = read(source(rules=rules), event(notes=[{"kind": "side", "text": "a"}, {"kind": "main", "text": "b"}]))
    (other,) = read(source(rules=rules), event())
    assert (text_of(first), text_of(other)) == ("b", "x")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("split(event.uri, '/')[-1]", "c"),
        ("lower(event.uri)", "a/b/c"),
        ("trim(event.padded)", "x"),
        ("major_units(event.cents, 'eur')", "48.05"),
        ("major_units(event.cents, 'jpy')", "4805"),
        ("major_units(event.cents, 'nonsense')", None),
        ("from_epoch(event.cents)", "1970-01-01T01:20:05+00:00"),
        ("split(event.none, '/')", None),
        ("lower(event.cents)", None),
        ("event.cents < event.uri", None),
        ("major_units('NaN!', 'EUR')", None),
        ("from_epoch('1e99')", None),
    ],
)
def test_a_function_that_does_not_fit_what_came_leads_to_nothing(path: str, found: object) -> None:
    assert look(path, {"event": {"uri": "A/b/c".lower(), "padded": " x ", "cents": 4805}}) == found


def test_headers_and_the_query_are_seen_by_their_names() -> None:
    rules = "{fact: note_added, fields: {text: '{header.content_type} {query.team}'}}"
    (read_,) = read(source(rules=rules), event(), team="blue")
    assert text_of(read_) == "application/json blue"


TABLES = ["tables: {stages: {won: '9', lost: '7'}}"]
LOOKUP = "lookup: {ours: {table: stages, value: event.stage}, theirs: {table: stages, key: event.stage}}"
LOOKED_UP = "{fact: note_added, fields: {text: 'ours {lookup.ours}, theirs {lookup.theirs}'}}"


@pytest.mark.parametrize(
    ("stage", "text"),
    [("9", "ours won, theirs "), (7, "ours lost, theirs "), ("won", "ours , theirs 9"), (None, "ours , theirs ")],
)
def test_a_lookup_goes_from_their_word_to_ours_and_back(stage: JsonValue, text: str) -> None:
    (read_,) = read(source(*TABLES, LOOKUP, rules=LOOKED_UP), event(stage=stage))
    assert text_of(read_) == text


def test_an_installation_fills_in_the_tables() -> None:
    of = source(*TABLES, LOOKUP, rules=LOOKED_UP, tables={"stages": {"won": "closed", "demo": "12"}})
    assert [text_of(read(of, event(stage=stage))[0]) for stage in ("12", "closed", "7")] == [
        "ours demo, theirs ", "ours won, theirs ", "ours lost, theirs ",
    ]  # fmt: skip


SEVERAL = """{facts: [
  {fact: note_added, fields: {text: '{event.text}'}},
  {fact: demo_held, when: {event.held: true}},
  {fact: note_added, suffix: second_note, fields: {text: '{event.more}'}, when: {event.more: {present: true}}}]}"""


def test_one_event_may_tell_several_facts_each_with_an_id_of_its_own() -> None:
    read_ = read(source(rules=SEVERAL), event(held=True, more="y"))
    assert [(one.event_id, one.fact, one.payload["id"]) for one in read_] == [
        ("1.note_added", "note_added", "other:1.note_added"),
        ("1.demo_held", "demo_held", "other:1.demo_held"),
        ("1.second_note", "note_added", "other:1.second_note"),
    ]
    assert read_ == read(source(rules=SEVERAL), event(held=True, more="y"))


def test_a_fact_of_several_that_can_be_none_is_refused_alone() -> None:
    states = [one.state for one in read(source(rules=SEVERAL), event(text=None, held=True))]
    assert states == [IntakeState.REFUSED, IntakeState.WAITING]


def test_of_several_facts_those_whose_condition_does_not_hold_are_not_told() -> None:
    assert [one.fact for one in read(source(rules=SEVERAL), event(more=""))] == ["note_added"]


@pytest.mark.parametrize(("value", "present"), [("x", True), (0, True), (False, True), ("", False), (None, False),
                                                ([], False), ({}, False)])  # fmt: skip
def test_a_rule_may_ask_whether_anything_is_there(value: JsonValue, present: bool) -> None:
    rules = f"{{when: {{event.old: {{present: true}}}}, skip: rescheduled}}, {NOTE}"
    (read_,) = read(source(rules=rules), event(old=value))
    assert (read_.state is IntakeState.SKIPPED) is present


ECHO = ["settings: {app_id: ''}", "echo: [{mark: event.app, ours: setting.app_id}]"]


@pytest.mark.parametrize(
    ("app", "ours", "echo"),
    [(54321, "54321", True), ("54321", "54321", True), (1, "54321", False), (None, "54321", False), (None, "", False)],
)
def test_our_own_write_coming_back_is_skipped_and_nobody_elses(app: JsonValue, ours: str, echo: bool) -> None:
    (read_,) = read(source(*ECHO, app_id=ours), event(app=app))
    assert (read_.state is IntakeState.SKIPPED) is echo
    assert not echo or "our own write" in str(read_.last_error)


def test_an_object_has_its_kind_in_its_id_and_a_rule_may_name_another() -> None:
    rules = f"{{when: {{event.kind: task}}, deal: {{object: 'task:{{event.task}}'}}, {NOTE[1:-1]}}}, {NOTE}"
    of = source("deal: {object: 'deal:{event.deal}'}", rules=rules)
    assert [one.deal_ref for one in read(of, [event(), event(id="2", kind="task", task=9)])] == ["deal:acme", "task:9"]


def test_a_contact_needs_an_object_that_can_be_linked_to_its_deal() -> None:
    with pytest.raises(BadMapping, match="Write object:"):
        source("deal: {contact: event.email}")


def test_an_id_of_ours_counts_before_an_object() -> None:
    of = source("deal: {id: event.ours, object: 'deal:{event.deal}'}")
    assert [one.deal_ref for one in read(of, [event(ours="a1"), event(id="2")])] == ["a1", "deal:acme"]


def test_a_form_is_read_by_its_fields_and_json_within_it() -> None:
    of = source("body: form", "json_in: [payload]", "split: event.payload")
    body = b"team=x&payload=%7B%22id%22%3A+1%2C+%22deal%22%3A+%22acme%22%2C+%22text%22%3A+%22%C3%BC%22%7D"
    (read_,) = read(of, body, "application/x-www-form-urlencoded")
    assert (text_of(read_), read_.deal_ref) == ("ü", "acme")


def test_xml_is_read_by_the_names_of_its_elements() -> None:
    of = source("body: xml", "split: event.Envelope.Body.notifications.Notification")
    one = "<Notification><id>{}</id><deal>acme</deal><o:text>t{}</o:text></Notification>"
    for count in (1, 2):
        body = "".join(one.format(n, n) for n in range(count))
        wrapped = (
            f'<s:Envelope xmlns:s="a" xmlns:o="b"><s:Body><notifications>{body}</notifications></s:Body></s:Envelope>'
        )
        assert [text_of(each) for each in read(of, wrapped.encode())] == [f"t{n}" for n in range(count)]


BILLION_LAUGHS = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
SECRET_FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize("body", [b"", b"<x>", BILLION_LAUGHS, SECRET_FILE, b"<a>" * 100 + b"</a>" * 100, b"\xff"])
def test_hostile_xml_is_unreadable_and_no_fault(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(source("body: xml"), body)


FETCH = ["fetch: {what: '{event.page}'}", "deal: {id: event.fetched.deal}"]
FETCHED = "{fact: note_added, fields: {text: '{event.fetched.text}'}}"


def test_a_hint_is_fetched_before_anything_is_made_of_it() -> None:
    of = source(*FETCH, rules=FETCHED)
    (hint,) = read(of, {"id": "1", "page": "p9"})
    assert (hint.fact, hint.payload["what"], hint.state) == (FETCHES, "p9", IntakeState.WAITING)
    (told,) = events_after_fetch(of, hint, {"deal": "acme", "text": "fetched"})
    assert (told.event_id, told.deal_ref, text_of(told)) == ("1", "acme", "fetched")


def test_each_item_of_a_list_that_was_fetched_is_an_event_of_its_own() -> None:
    of = source(*FETCH, "event_id: [event.fetched.id]", rules=FETCHED)
    (hint,) = read(of, {"page": "p9"})
    told = events_after_fetch(of, hint, [{"id": number, "deal": f"acme-{number}", "text": "x"} for number in "12"])
    assert [(one.event_id, one.deal_ref) for one in told] == [("1", "acme-1"), ("2", "acme-2")]
    assert events_after_fetch(of, hint, []) == []


def test_a_request_without_a_body_is_one_event_that_its_headers_tell() -> None:
    told_by = ("body: none", "event_id: [header.x_number]", "deal: {id: header.x_deal}")
    of = source(*told_by, rules="{fact: note_added, fields: {text: '{header.x_what}'}}")
    headers = {"x-number": "7", "x-deal": "acme", "x-what": "rang"}
    (told,) = events_in(of, WebhookRequest("POST", "", headers, b""), NOW)
    assert (told.event_id, told.deal_ref, text_of(told)) == ("7", "acme", "rang")


def test_nobody_can_say_in_a_body_what_was_fetched() -> None:
    (hint,) = read(source(*FETCH, rules=FETCHED), {"id": "1", "page": "p9", "fetched": {"deal": "a", "text": "forged"}})
    assert hint.fact == FETCHES
    assert "forged" not in hint.model_dump_json()


def test_a_hint_that_says_not_what_is_refused() -> None:
    (hint,) = read(source(*FETCH, rules=FETCHED), {"id": "1"})
    assert hint.state is IntakeState.REFUSED


ACK = "<Ack>{event.id}</Ack>"


def test_a_source_hears_what_it_wants_to_hear_and_no_markup_of_strangers() -> None:
    of = source(f"answer: {{status: 200, content_type: text/xml, body: '{ACK}'}}")
    assert reply_to(of, request(event(id="<b>"))) == Reply(200, "text/xml", b"<Ack>&lt;b&gt;</Ack>")
    assert reply_to(source("answer: {status: 200}"), request(event())) == Reply(200, "text/plain", b"")
    assert reply_to(source(), request(event())) is None


def test_a_challenge_is_answered_and_brings_no_events() -> None:
    answer = "{content_type: application/json, body: {challenge: '{event.challenge}'}}"
    of = source(f"challenge: {{when: {{event.type: url_verification}}, answer: {answer}}}")
    reply = challenge_in(of, request({"type": "url_verification", "challenge": '"},{"'}))
    assert reply is not None
    assert json.loads(reply.body) == {"challenge": '"},{"'}
    assert challenge_in(of, request(event())) is None


HOSTILE = {
    "deep": b'{"a":' * 150 + b"1" + b"}" * 150,
    "wide": b"[" + b",".join([b'{"a":[1,2]}'] * 90_000) + b"]",
    "one list": b'{"items":[' + b",".join([b'{"k":"v"}'] * 100_000) + b"]}",
    "texts": json.dumps({"items": ["x" * 1000] * 1000}).encode(),
    "form": b"&".join([b"a=%41"] * 100_000),
    "xml": b"<a>" + b"<b>x</b>" * 110_000 + b"</a>",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", ["json", "form", "xml", "code"])
def test_a_hostile_body_of_a_megabyte_costs_less_than_two_seconds(body: bytes, kind: str) -> None:
    of = source(f"body: {kind}", "split: event.items[?k=='v'] || event.a.b || event", rules=SEVERAL)
    began = time.process_time()  # a busy machine is no slow reader
    try:
        challenge_in(of, request(body)), read(of, body), reply_to(of, request(body))
    except Unreadable as error:
        assert str(error)  # noqa: PT017 - or it is read
    assert time.process_time() - began < 2
