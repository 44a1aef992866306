"""Tasks that may end in several ways, and what whoever does one fills in."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.effects import CloseTask, CreateTask
from dealwright.views.snapshot import snapshot_of
from tests.dealwright.story import Story, of_stage

CALL = "{task: call, outcomes: [connected, voicemail, wrong_person], wait: 3bd}"
BRANCHES = of_stage(
    f"""
- name: reach
  on: demo_held
  steps:
    - {CALL}
    - {{if: {{task_done: {{call: connected}}}}, task: write_summary}}
    - {{unless: {{task_done: {{call: connected}}}}, after: 1bd, email: sorry-i-missed-you}}
- name: apologize
  on: {{task_done: {{call: wrong_person}}}}
  do: [{{task: find_the_right_one}}]
- name: count
  on: {{task_done: {{call: [voicemail, wrong_person]}}}}
  do: [{{notify: boss, text: Not reached}}]
"""
)
FILLED = of_stage(
    """
- name: qualify
  on: demo_held
  do:
    - task: qualify
      fills:
        budget: qualification.budget
        seats: fields.seats
        tier: fields.tier
        ends: fields.trial_ends_on
        need: notes.use_case
      asks: [timeline]
- {name: many, on: fields_learned, if: {fields.seats: {gte: 50}}, do: [{notify: rep, text: Many}]}
- {name: trial, on: {before: fields.trial_ends_on, by: 3d}, do: [{task: ask_about_trial}]}
""",
    before="fields: {seats: number, tier: {one_of: [free, paid]}, trial_ends_on: date}",
)


def called(**answer: object) -> Story:
    story = Story(BRANCHES)
    story.tell("demo_held")
    verdict = story.order("complete_task", task="call", **answer)
    assert verdict.accepted, verdict.text
    return story


def test_a_play_starts_by_the_outcome_that_it_waits_for() -> None:
    assert "find_the_right_one" in called(outcome="wrong_person").tasks
    assert "find_the_right_one" not in called(outcome="voicemail").tasks


def test_of_several_outcomes_any_starts_a_play_once() -> None:
    assert called(outcome="voicemail").told == ["boss: Not reached"]
    assert called(outcome="connected").told == []


def test_a_later_step_goes_by_the_outcome() -> None:
    assert list(called(outcome="connected").wait(days=2).tasks) == ["write_summary"]
    assert called(outcome="voicemail").wait(days=2).sent == ["Tue 10:00 sorry-i-missed-you"]


def test_nobody_has_said_an_outcome_when_the_wait_is_over() -> None:
    story = Story(BRANCHES)
    story.tell("demo_held")

    assert story.wait(days=5).sent == ["Fri 10:00 sorry-i-missed-you"]


def test_a_step_looks_at_the_tasks_of_its_own_run() -> None:
    story = Story(BRANCHES)
    story.tell("demo_held")
    story.wait(minutes=5).tell("demo_held", demo="another")
    first, second = [task.id for task in story.state.tasks.values()]
    story.order("complete_task", task=second, outcome="connected")
    story.order("complete_task", task=first, outcome="voicemail")

    assert list(story.wait(days=2).tasks) == ["write_summary"]
    assert story.sent == ["Tue 10:05 sorry-i-missed-you"]


def test_an_outcome_that_the_task_does_not_have_is_refused_with_those_it_has() -> None:
    story = Story(BRANCHES)
    story.tell("demo_held")

    for answer, why in (
        ({"outcome": "conected"}, "outcome: 'conected' is no outcome of this task. Did you mean 'connected'?"),
        (
            {"outcome": "nobody"},
            "outcome: 'nobody' is no outcome of this task. Outcomes are connected, voicemail, wrong_person.",
        ),
        (
            {},
            (
                "outcome: This task is done in one of several ways. "
                "Say which: outcomes are connected, voicemail, wrong_person."
            ),
        ),
    ):
        verdict = story.order("complete_task", task="call", **answer)
        assert (verdict.accepted, verdict.text) == (False, why)
    assert "call" in story.tasks


def test_a_task_without_outcomes_takes_none() -> None:
    story = Story(FILLED)
    story.tell("demo_held")

    verdict = story.order("complete_task", task="qualify", outcome="connected")

    assert verdict.text == "outcome: This task has no outcomes. Leave it out, and say it as the result."


def test_whoever_does_the_task_reads_how_it_may_end() -> None:
    story = Story(BRANCHES)
    story.tell("demo_held")

    assert story.all(CreateTask)[0].detail == "Say how it ended: connected, voicemail, wrong person."
    assert snapshot_of(story.state).open_tasks[0].outcomes == ("connected", "voicemail", "wrong_person")


def test_the_story_and_the_list_say_how_it_ended() -> None:
    story = called(outcome="voicemail", result="left a message")

    closed = story.last(e.TaskClosed)
    assert (closed.outcome, closed.sentence()) == ("voicemail", "Task done: call, voicemail by boss - left a message")
    assert story.all(CloseTask)[0].reason == "voicemail - left a message"


def test_a_crm_that_says_no_outcome_completes_the_task_and_somebody_is_asked_to_look() -> None:
    story = Story(BRANCHES)
    story.tell("demo_held")
    story.tell("crm_task_completed", task=story.task("call").id)

    assert "call" not in story.tasks
    assert story.state.attention == {
        "outcome:call": "call was completed in the CRM without an outcome (connected, voicemail, wrong_person): "
        "see what should follow"
    }


def test_a_crm_may_say_the_outcome() -> None:
    story = Story(BRANCHES)
    story.tell("demo_held")
    story.tell("crm_task_completed", task=story.task("call").id, outcome="wrong_person")

    assert "find_the_right_one" in story.tasks
    assert story.state.attention == {}


def test_an_outcome_that_a_crm_makes_up_is_none() -> None:
    story = Story(BRANCHES)
    story.tell("demo_held")
    story.tell("crm_task_completed", task=story.task("call").id, outcome="Connected")

    assert "with 'Connected', which is none of its outcomes" in story.state.attention["outcome:call"]


def test_the_next_outcome_takes_the_point_off_the_list() -> None:
    story = Story(BRANCHES)
    story.tell("demo_held")
    story.tell("crm_task_completed", task=story.task("call").id)
    story.wait(minutes=5).tell("demo_held", demo="another")
    story.order("complete_task", task="call", outcome="voicemail")

    assert story.state.attention == {}


def test_a_task_that_goes_to_somebody_else_keeps_its_outcomes() -> None:
    story = Story(BRANCHES)
    story.tell("demo_held")
    story.order("reassign", role="rep", to={"name": "Max"}, why="on leave")

    assert story.order("complete_task", task="call", outcome="voicemail").accepted


def qualifying() -> Story:
    story = Story(FILLED)
    story.tell("demo_held")
    return story


def test_what_is_filled_in_becomes_known() -> None:
    story = qualifying()
    verdict = story.order(
        "complete_task",
        task="qualify",
        fills={"budget": "50k", "seats": "40", "tier": "paid", "need": "reports"},
        notes={"timeline": "May"},
    )

    assert verdict.accepted
    deal = story.state.deal
    assert deal
    assert deal.qualification
    assert (deal.qualification.budget, deal.qualification.timeline) == ("50k", "May")
    assert snapshot_of(story.state).fields == {"seats": "40", "tier": "paid"}
    assert deal.notes == {"timeline": "May", "use_case": "reports"}


def test_what_is_not_filled_in_stays_as_it_was() -> None:
    story = qualifying()
    story.tell("qualification_learned", answers={"budget": "10k", "need": "speed"})
    story.order("complete_task", task="qualify", fills={"seats": 40})

    assert story.state.deal
    assert story.state.deal.qualification
    assert story.state.deal.qualification.budget == "10k"
    assert story.state.deal.qualification.need == "speed"


def test_a_date_that_is_filled_in_moves_what_is_reckoned_from_it() -> None:
    story = qualifying().wait(hours=1)
    story.order("complete_task", task="qualify", fills={"ends": "2026-03-20"})

    assert "ask_about_trial" in story.until("2026-03-17 09:00").tasks


def test_what_cannot_stand_there_is_refused_with_what_was_meant() -> None:
    story = qualifying()

    for fills, why in (
        ({"seets": 40}, "fills.seets: 'seets' is nothing that this task asks for. Did you mean 'seats'?"),
        ({"seats": "many"}, "fills.seats: 'many' is no number. Write a number such as 40."),
        ({"tier": "pade"}, "fills.tier: 'pade' is none of its words. Did you mean 'paid'?"),
        ({"budget": " "}, "fills.budget: Nothing is filled in. Write what it is, or leave it out."),
    ):
        verdict = story.order("complete_task", task="qualify", fills=fills)
        assert (verdict.accepted, verdict.text) == (False, why)
    assert "qualify" in story.tasks


def test_whoever_does_the_task_reads_what_to_fill_in() -> None:
    assert qualifying().all(CreateTask)[0].detail == "Note down: timeline. Fill in: budget, seats, tier, ends, need."
