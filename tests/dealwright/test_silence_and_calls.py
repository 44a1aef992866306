"""Calls and silence: whoever was spoken with, or called us, is not silent; an attempt of ours changes nothing."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.committee_stories import ANA, BEN
from tests.dealwright.story import Story, of_stage, playbook

RULES = playbook("""
stages:
  - name: selling
    owner: rep
    leave_when: {contacts: {role: champion, silent_for: 10d}}
    plays: [{name: hello, on: entered, do: [{email: hello}]}]
  - {name: waking, owner: rep}
""")
WRITTEN_TO_SINCE, CALLED_AT = "2026-03-12 10:00", "2026-03-06 10:00"
TEN_DAYS_AFTER_THE_CALL = "2026-03-16 10:00"
PHONE = "+49 170 1234567"


def called(**call: object) -> Story:
    """A champion who was written to on Monday, and a call on Friday."""
    story = Story(RULES, contacts=[{**ANA, "phone": PHONE}, BEN]).until(CALLED_AT)
    story.tell("call_logged", **call)
    return story


def silent_at(story: Story) -> str:
    """When the champion counts as silent."""
    while story.stage == "selling":
        assert story.decision.wake_at is not None
        story.until(f"{story.decision.wake_at:%Y-%m-%d %H:%M}")
    return f"{story.now:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("direction", ["out", "in"])
def test_a_call_that_was_answered_breaks_the_silence_whoever_called(direction: str) -> None:
    assert silent_at(called(result="connected", direction=direction)) == TEN_DAYS_AFTER_THE_CALL


@pytest.mark.parametrize("result", ["voicemail", "no_answer"])
def test_an_attempt_of_ours_does_not(result: str) -> None:
    assert silent_at(called(result=result)) == WRITTEN_TO_SINCE


@pytest.mark.parametrize("result", ["voicemail", "no_answer"])
def test_a_call_of_theirs_does_though_nobody_took_it(result: str) -> None:
    assert silent_at(called(result=result, direction="in")) == TEN_DAYS_AFTER_THE_CALL


@pytest.mark.parametrize("whom", [{"contact": "ana"}, {"address": "+491701234567"}, {"address": ANA["email"]}, {}])
def test_a_call_is_with_whom_it_names_and_else_with_whom_messages_go_to(whom: dict[str, object]) -> None:
    assert silent_at(called(result="connected", **whom)) == TEN_DAYS_AFTER_THE_CALL


@pytest.mark.parametrize("whom", [{"contact": "ben"}, {"contact": "somebody"}, {"address": "+4930999"}])
def test_a_call_with_somebody_else_says_nothing_of_her(whom: dict[str, object]) -> None:
    assert silent_at(called(result="connected", **whom)) == WRITTEN_TO_SINCE


def test_a_conversation_that_a_tool_recorded_breaks_it() -> None:
    story = Story(RULES, contacts=[ANA, BEN]).until(CALLED_AT)
    story.tell("conversation_recorded", conversation="c1", parties=[{"contact": "ana"}])
    assert silent_at(story) == TEN_DAYS_AFTER_THE_CALL


def test_a_task_to_call_that_is_done_says_nothing_of_whether_they_were_reached() -> None:
    text = "stages: [{name: selling, owner: rep, leave_when: {contacts: {role: champion, silent_for: 10d}}, "
    plays = "plays: [{name: hello, on: entered, do: [{email: hello}, {call: her}]}]}"
    rules = playbook(text + plays + ", {name: waking, owner: rep}]")
    story = Story(rules, contacts=[ANA]).until(CALLED_AT)
    assert story.order("complete_task", task="her").accepted
    assert silent_at(story) == WRITTEN_TO_SINCE


def test_a_call_that_is_told_late_counts_by_when_it_was_made() -> None:
    story = called(result="connected")
    story.tell("call_logged", result="connected", at="2026-03-03T10:00:00Z")
    assert silent_at(story) == TEN_DAYS_AFTER_THE_CALL


def test_a_reply_that_was_taken_back_before_it_came_in_does_not() -> None:
    story = Story(RULES, contacts=[ANA, BEN]).until(CALLED_AT)
    story.tell("fact_retracted", retracts="reply_received")
    story.tell("reply_received", sentiment="interested", at="2026-03-06T09:00:00Z")
    assert silent_at(story) == WRITTEN_TO_SINCE


GIVES_UP = of_stage("""
- name: cold
  on: entered
  steps: [{email: one}, {after: 2d, email: two}, {after: 3d, close: unresponsive}]
""")
THE_END = "2026-03-09 10:00"


@pytest.mark.parametrize(
    ("fact", "given"),
    [
        ("call_logged", {"result": "connected"}),
        ("call_logged", {"result": "no_answer", "direction": "in"}),
        ("conversation_recorded", {"conversation": "c1", "parties": [{"contact": "ana"}]}),
        ("reply_received", {"sentiment": "other"}),
        ("meeting_booked", {"starts_at": "2026-03-20T10:00:00Z"}),
        ("meeting_held", {}),
    ],
)
def test_no_play_closes_a_deal_for_silence_that_somebody_has_answered(fact: str, given: dict[str, object]) -> None:
    story = Story(GIVES_UP, contacts=[ANA]).until("2026-03-03 10:00")
    story.tell(fact, **given)
    assert story.until(THE_END).outcome is None
    assert story.last(e.StepSkipped).why == "somebody there answered on 03 Mar 2026"
    assert story.asks_for_next_step or fact == "meeting_booked"


@pytest.mark.parametrize(
    ("fact", "given"),
    [
        ("call_logged", {"result": "voicemail"}),
        ("conversation_recorded", {"conversation": "c1", "parties": [{"name": "Rea", "ours": True}]}),
        ("reply_received", {"sentiment": "out_of_office", "returns_on": "2026-03-04"}),
        ("email_opened", {}),
    ],
)
def test_what_is_no_answer_leaves_the_silence_as_it_is(fact: str, given: dict[str, object]) -> None:
    story = Story(GIVES_UP, contacts=[ANA]).until("2026-03-03 10:00")
    story.tell(fact, **given)
    assert story.until(THE_END).outcome == "unresponsive"


def test_an_answer_of_before_the_play_began_does_not_count() -> None:
    story = Story(GIVES_UP, contacts=[ANA])
    story.tell("reply_received", sentiment="other", at="2026-03-01T10:00:00Z")
    assert story.until(THE_END).outcome == "unresponsive"
