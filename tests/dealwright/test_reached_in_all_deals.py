"""A call, text or letter that the store held back, since another deal knows more of the person: what follows here."""

from __future__ import annotations

from datetime import timedelta

from dealwright import entries as e
from dealwright.effects import CloseTask, CreateTask, Notify
from dealwright.playbook.language.model import Playbook
from tests.dealwright.story import ANA, Story, moment, of_stage

BEN = {"id": "ben", "name": "Ben", "email": "ben@buyer.example"}
TOLD = moment("2026-03-01 10:00")


def rules(wait: str = "true", channels: str = "") -> Playbook:
    return of_stage(
        f"- {{name: reach, on: demo_held, steps: [{{call: ring, wait: {wait}}}, {{task: go_on}}]}}", before=channels
    )


def called(rules_: Playbook, *contacts: dict[str, str]) -> tuple[Story, CreateTask]:
    story = Story(rules_, contacts=contacts or [ANA])
    story.keep("create_task")
    story.tell("demo_held")
    return story, next(task for task in story.all(CreateTask) if task.channel == "call")


def test_the_work_says_whom_it_reaches_and_what_it_counts_against() -> None:
    _, ring = called(rules(channels="channels: {call: {limit: {per: 7d, max: 3}}}"))

    assert ring.reaches is not None
    assert ring.reaches.email == "ana@buyer.example"
    assert [(cap.scope, cap.key, cap.per, cap.most) for cap in ring.caps] == [
        ("call", "ana@buyer.example", timedelta(days=7), 3)
    ]


def test_a_refusal_that_another_deal_was_told_is_remembered_and_the_step_left_out() -> None:
    story, ring = called(rules())
    story.come_back(ring, "deferred", refused_at=TOLD, reason="they refused")

    assert list(story.tasks) == ["go_on"]
    assert story.last(e.ContactRefused).told_at == TOLD
    assert story.last(e.StepSkipped).why == "the contact refused the channel call"


def test_the_next_contact_is_called_in_their_place() -> None:
    story, ring = called(rules(), ANA, BEN)
    story.come_back(ring, "deferred", refused_at=TOLD, reason="they refused")

    assert story.task("ring").reaches == "ben"
    assert story.all(CreateTask)[-1].id == ring.id  # nothing was handed over under this id


def test_nothing_is_taken_off_a_list_that_it_never_was_on() -> None:
    story, ring = called(rules())
    story.come_back(ring, "deferred", refused_at=TOLD, reason="they refused")

    assert story.all(CloseTask) == []


def test_a_call_over_the_limit_of_all_deals_is_asked_for_when_there_is_room() -> None:
    story, ring = called(rules())
    story.come_back(ring, "deferred", until=moment("2026-03-05 10:00"), reason="they were reached by call")

    assert story.tasks == {}
    assert "ring" not in story.until("2026-03-05 09:55").tasks
    assert "ring" in story.until("2026-03-05 10:05").tasks


def test_a_play_that_did_not_wait_for_the_call_goes_on_meanwhile() -> None:
    story, ring = called(rules("false"))
    story.come_back(ring, "deferred", until=moment("2026-03-05 10:00"), reason="they were reached by call")

    assert list(story.tasks) == ["go_on"]
    assert set(story.until("2026-03-05 10:05").tasks) == {"go_on", "ring"}


def test_somebody_hears_of_each_deadline_that_went_by_also_of_work_that_was_asked_for_anew() -> None:
    story, ring = called(rules())
    story.until("2026-03-04 12:00")
    story.come_back(ring, "deferred", until=moment("2026-03-05 10:00"), reason="they were reached by call")
    story.until("2026-03-09 12:00")

    notices = [notice.id for notice in story.all(Notify) if "verdue: Call: ring" in notice.text]
    missed = [entry for entry in story.noted(e.DeadlineMissed) if entry.id == ring.id]
    assert len(missed) > 1
    assert len(set(notices)) == len(missed)  # what comes under an id that was used is told to nobody


def test_an_absence_that_another_deal_was_told_of_holds_here_too() -> None:
    story, ring = called(rules())
    story.come_back(ring, "deferred", until=moment("2026-03-05 00:00"), away_since=TOLD, reason="away")

    assert story.last(e.TouchesHeld).contact == "ana"
    assert "ring" in story.until("2026-03-05 00:00").tasks


def test_what_another_deal_was_told_before_this_one_of_their_return_holds_nothing() -> None:
    story, ring = called(rules())
    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-02", contact="ana")
    story.come_back(ring, "deferred", until=moment("2026-03-05 00:00"), away_since=TOLD, reason="away")

    assert [f"{one.until:%d %b}" for one in story.noted(e.TouchesHeld)] == ["02 Mar"]
    assert "ring" in story.until("2026-03-02 10:15").tasks


def test_what_this_deal_was_told_goes_along() -> None:
    story = Story(rules())
    story.tell("channel_allowed", channel="call", contact="ana", at="2026-03-01T10:00:00Z")
    story.tell("demo_held")

    assert story.all(CreateTask)[-1].allowed_at == TOLD


def test_a_call_that_went_to_another_person_is_left_out_for_good() -> None:
    story = Story(rules())
    story.tell("demo_held")
    story.keep("create_task")
    story.order("reassign", role="rep", to={"name": "Kim", "email": "kim@us.example"}, why="Pat left")
    given = story.all(CreateTask)[-1]
    story.come_back(given, "deferred", refused_at=TOLD, reason="they refused")

    assert list(story.tasks) == ["go_on"]
    assert story.last(e.StepSkipped).why == "they refused"


def test_a_play_that_ended_meanwhile_begins_nothing_anew() -> None:
    story, ring = called(rules())
    story.order("close", outcome="lost", why="no budget")
    story.come_back(ring, "deferred", until=moment("2026-03-05 10:00"), reason="they were reached by call")

    assert story.until("2026-03-06 10:00").tasks == {}
