"""How long a task has: by case, in business minutes, and who has it when nobody did it in time."""

import pytest

from dealwright.diagnostics.diagnostic import BadInput
from dealwright.effects import CreateTask
from tests.dealwright.story import MONDAY, Story, of_stage

BY_CASE = """
- name: answer
  on: buying_signal_seen
  do:
    - task: call_back
      due: [{if: {deal.source: inbound}, within: 10bm}, {if: {deal.score: {gte: 80}}, within: 1bh}, {within: 4bh}]
      reassign: expert
      escalate: boss
"""
FRIDAY_EVENING = "2026-03-06 16:55"


def asked(plays: str = BY_CASE, *, at: str = MONDAY, **known: object) -> Story:
    story = Story(of_stage(plays), at=at, **known)
    story.tell("buying_signal_seen", signal="pricing_page")
    return story


@pytest.mark.parametrize(
    ("known", "due"),
    [
        ({"source": "inbound"}, "Mon 02 Mar 10:10"),
        ({"source": "inbound", "score": 90}, "Mon 02 Mar 10:10"),
        ({"source": "outbound", "score": 90}, "Mon 02 Mar 11:00"),
        ({"source": "outbound", "score": 10}, "Mon 02 Mar 14:00"),
        ({}, "Mon 02 Mar 14:00"),
    ],
    ids=["the first case", "the first of two that are true", "the second case", "none of the cases", "nothing known"],
)
def test_a_task_has_the_time_of_the_first_case_that_is_true(known: dict[str, object], due: str) -> None:
    assert asked(BY_CASE, at=MONDAY, **known).tasks == {"call_back": due}


def test_business_minutes_go_on_at_the_next_opening() -> None:
    assert asked(at=FRIDAY_EVENING, source="inbound").tasks == {"call_back": "Mon 09 Mar 09:05"}


def test_a_task_that_nobody_did_in_time_goes_to_another_role_with_a_deadline_of_its_own() -> None:
    story = asked(source="inbound").until("2026-03-02 10:10")

    assert (story.task("call_back").role, story.tasks) == ("expert", {"call_back": "Mon 02 Mar 10:20"})
    assert story.told == ["boss: Overdue: call back (rep)"]


def test_it_is_passed_on_once() -> None:
    story = asked(source="inbound").until("2026-03-03 17:00")

    assert story.task("call_back").role == "expert"
    assert story.asked == ["call back", "call back"]


def test_whoever_has_it_then_finishes_it_for_the_play() -> None:
    story = asked(
        """
        - name: answer
          on: buying_signal_seen
          steps:
            - {task: call_back, due: 10bm, reassign: expert, wait: true}
            - {after: 1bh, notify: boss, text: called}
        """.replace("\n        ", "\n")
    )
    story.until("2026-03-02 11:00")
    assert "called" not in " ".join(story.told)
    story.order("complete_task", task=story.task("call_back").id)
    story.until("2026-03-02 12:00")

    assert story.told[-1] == "boss: called"


def test_what_stops_the_play_takes_the_task_off_the_list_of_whoever_has_it_then() -> None:
    story = asked(BY_CASE.replace("  do:", "  until: demo_held\n  do:"), source="inbound").until("2026-03-02 10:10")
    story.tell("demo_held")

    assert story.tasks == {}


def test_whoever_gets_it_reads_what_the_play_says_of_it() -> None:
    said = BY_CASE.replace("      escalate: boss", "      escalate: boss\n      text: They asked for a call today.")
    story = asked(said, source="inbound").until("2026-03-02 10:10")

    assert [task.detail for task in story.all(CreateTask)] == ["They asked for a call today."] * 2


def test_a_task_that_was_done_in_time_goes_to_nobody_else() -> None:
    story = asked(source="inbound")
    story.order("complete_task", task="call_back")
    story.until("2026-03-03 17:00")

    assert story.asked == ["call back"]


@pytest.mark.parametrize(
    ("due", "remedy"),
    [
        ("[{within: 10bm}, {if: {deal.source: inbound}, within: 4bh}]", "last"),
        ("[{if: {deal.source: inbound}, within: 4bh}]", "without 'if'"),
        ("[]", "is empty"),
        ("[{if: {deal.source: inbound}}]", "within"),
    ],
    ids=["a case behind all others", "not every case", "no case", "no time"],
)
def test_cases_that_say_nothing_are_refused(due: str, remedy: str) -> None:
    with pytest.raises(BadInput, match=remedy):
        of_stage(f"- {{name: answer, on: entered, do: [{{task: call, due: {due}}}]}}")
