"""What a hard gate misses becomes the next questions, and goes away once it is known."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import TEMPLATES, with_change
from tests.dealwright.story import MONDAY, Story, playbook

RULES = """
fields: {seats: number}
notes: [use_case]
stages:
  - name: one
    owner: rep
    leave_when: meeting_booked
    gate:
      hard: true
      asks: true
      require:
        three of BANT: {qualification.bant: {gte: 3}}
        seats: {fields.seats: {gte: 10}}
        a use case: {notes.use_case: {known: true}}
        a call: call_logged
  - {name: two, owner: rep, enter_when: demo_booked}
ends: [{when: deal_lost, as: lost}]
"""
TASK = "answer_for_the_gate"
MEETING = {"starts_at": "2026-03-20T10:00:00Z"}


def held(**known: dict[str, object]) -> Story:
    """A deal that would go on, and is held."""
    story = Story(playbook(RULES), at=MONDAY, **known)
    story.tell("meeting_booked", **MEETING)
    return story


def test_nobody_is_asked_before_the_gate_holds_the_deal() -> None:
    assert TASK not in Story(playbook(RULES)).tasks


def test_whoever_has_a_held_deal_is_asked_for_just_what_is_missing() -> None:
    task = held(qualification={"need": "yes"}).task(TASK)

    assert (task.role, task.escalate) == ("rep", "boss")
    assert task.title == "To leave one: three of BANT, seats, a use case, a call"
    assert task.fills == {
        "budget": "qualification.budget", "authority": "qualification.authority", "timeline": "qualification.timeline",
        "seats": "fields.seats", "use_case": "notes.use_case",
    }  # fmt: skip


def test_what_is_known_meanwhile_is_asked_for_no_longer() -> None:
    story = held()
    story.tell("notes_learned", notes={"use_case": "billing"})
    story.tell("call_logged", result="connected")

    assert story.task(TASK).title == "To leave one: three of BANT, seats"
    assert "use_case" not in story.task(TASK).fills
    assert len([task for task in story.state.tasks.values() if task.name == TASK]) == 1


def test_the_task_goes_away_when_everything_is_known_and_the_deal_goes_on() -> None:
    story = held()
    story.tell("call_logged", result="connected")
    story.tell("notes_learned", notes={"use_case": "billing"})
    story.tell("fields_learned", fields={"seats": 12})
    story.tell("qualification_learned", answers={"budget": "5k", "need": "yes", "timeline": "May"})

    assert (story.stage, TASK in story.tasks) == ("two", False)
    assert story.last(e.TaskClosed).how == "cancelled"


def test_what_is_filled_in_is_known_and_lets_the_deal_go_on() -> None:
    story = held(qualification={"need": "yes", "budget": "5k"})
    story.tell("call_logged", result="connected")

    told = {"timeline": "May", "seats": 12, "use_case": "billing"}
    verdict = story.order("complete_task", by="rep", task=story.task(TASK).id, fills=told)

    assert verdict.accepted, verdict.text
    assert (story.stage, TASK in story.tasks) == ("two", False)


def test_whoever_says_it_is_done_though_something_is_missing_is_asked_again_later() -> None:
    story = held()
    first = story.task(TASK)
    story.order("complete_task", by="rep", task=first.id, fills={"seats": 12})

    again = story.task(TASK)
    assert again.id != first.id
    assert again.title == "To leave one: three of BANT, a use case, a call"
    assert again.due_at > first.due_at


def test_a_number_that_is_not_enough_is_asked_for_too() -> None:
    assert "seats" in held(fields={"seats": 3}).task(TASK).fills


def test_the_question_ends_when_the_stage_is_left_in_another_way() -> None:
    story = held()
    story.order("move_to_stage", stage="two", why="they insist")
    assert TASK not in story.tasks


def test_the_question_follows_the_role_that_has_the_deal() -> None:
    story = held()
    story.order("reassign", role="rep", to={"name": "Rae", "email": "rae@seller.example"}, why="on leave")
    assert story.task(TASK).given_to == "rae@seller.example"


@pytest.mark.parametrize(
    ("jumps", "fact", "stage"),
    [
        ("held", ("demo_booked", MEETING), "one"),
        ("counted", ("demo_booked", MEETING), "two"),
        ("counted", ("meeting_booked", MEETING), "one"),
    ],
)
def test_a_gate_says_whether_it_holds_what_a_fact_takes_ahead(
    jumps: str, fact: tuple[str, dict[str, object]], stage: str
) -> None:
    story = Story(playbook(RULES.replace("hard: true", f"hard: true\n      jumps: {jumps}")))
    story.tell(fact[0], **fact[1])
    assert story.stage == stage


def test_what_is_missing_is_counted_when_a_jump_is_not_held() -> None:
    story = Story(playbook(RULES.replace("hard: true", "hard: true\n      jumps: counted")))
    story.tell("demo_booked", **MEETING)
    assert story.last(e.StageLeft).missing == ("three of BANT", "seats", "a use case", "a call")


@pytest.mark.parametrize("trigger", ["note_added", "{after: contract.starts_on, by: 0d}"])
def test_a_gate_that_counts_jumps_lets_plays_enter_a_stage(trigger: str) -> None:
    rules = RULES.replace("hard: true", "hard: true\n      jumps: counted").replace(
        "  - {name: two", f"    plays: [{{name: go, on: {trigger}, do: [{{enter: two}}]}}]\n  - {{name: two"
    )
    story = Story(playbook(rules), contract={"starts_on": "2026-03-01", "ends_on": "2027-03-01"})
    story.tell("note_added", text="go")
    assert story.stage == "two"


@pytest.mark.parametrize(
    ("gate", "mistake"),
    [
        ("asks: true", "'asks' says nothing here: only while a hard gate holds the deal is somebody asked"),
        ("jumps: counted", "'jumps' says nothing here: only a hard gate holds a deal"),
        ("hard: true, jumps: counted, counted: demo_held", "'counted' says nothing here: with jumps: counted"),
        ("hard: true, jumps: hold", "gate.jumps"),
    ],
)
def test_a_key_of_a_gate_that_changes_nothing_is_told(gate: str, mistake: str) -> None:
    text = with_change("gate: {require", f"gate: {{{gate}, require")
    found = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]
    assert any(mistake in line for line in found), found
