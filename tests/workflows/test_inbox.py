"""What a deal's inbox lets in, once, and how much of it is decided together."""

from __future__ import annotations

from datetime import UTC, datetime

from dealwright.decision import Carried, Received
from dealwright.state import DealState
from workflows.inbox import MOST_BYTES_AT_ONCE, Inbox

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def an_inbox(**carried: object) -> Inbox:
    return Inbox(Carried.model_validate({"state": DealState(), **carried}))


def fact(payload: str, *, id_: str | None = "7") -> Received:
    return Received(kind="fact", name="note_added", id=id_, at=NOW, payload=payload)


def told(inbox: Inbox, *payloads: str) -> list[bool]:
    """Which of these facts, all under one id, came in, and as contradictions."""
    for payload in payloads:
        inbox.take_fact(fact(payload), NOW)
    return [item.contradicts for item in inbox.items]


def test_a_repetition_stays_silent() -> None:
    inbox = an_inbox()

    assert told(inbox, '{"id": "7", "text": "a"}', '{"text":"a","id":"7"}') == [False]
    assert inbox.repeats == 1


def test_other_content_under_a_known_id_is_let_in_once_as_a_contradiction() -> None:
    inbox = an_inbox()

    assert told(inbox, '{"text": "a"}', '{"text": "b"}', '{"text": "b"}', '{"text": "a"}') == [False, True]
    assert inbox.repeats == 2


def test_a_contradiction_is_decided_though_nothing_waits_for_the_fact() -> None:
    inbox = an_inbox(quiet=("note_added",))
    quiet = told(inbox, '{"text": "a"}') == [False] and not inbox.presses

    told(inbox, '{"text": "b"}')

    assert (quiet, inbox.presses) == (True, True)


def test_contradictions_are_known_after_the_deal_continued_as_new() -> None:
    before = an_inbox()
    told(before, '{"text": "a"}', '{"text": "b"}')
    after = an_inbox(seen=before.seen.by_day())

    assert told(after, '{"text": "a"}', '{"text": "b"}', '{"text": "c"}') == [True]


def test_what_is_decided_together_is_bounded_by_bytes_not_by_characters() -> None:
    inbox = an_inbox()
    text = "日" * 30_000
    for _ in range(4):
        inbox.take_fact(fact(text, id_=None), NOW)

    assert sum(len(item.payload.encode()) for item in inbox.batch(alone=False)) <= MOST_BYTES_AT_ONCE
