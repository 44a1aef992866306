"""Stages: entered, left, held by a gate, jumped over, stalled; and how a deal ends."""

from __future__ import annotations

from itertools import pairwise

from dealwright import entries as e
from dealwright.effects import UpdateCrm
from tests.dealwright.story import Story, of_stage, playbook

WAY = playbook("""
ends: [{when: deal_lost, as: lost}]
stages:
  - name: first
    owner: rep
    leave_when: {all: [discovery_held, next_step_agreed]}
    stalls_after: 5bd
    plays: [{name: ask, on: entered, do: [{task: call, due: 2bd, required: true}, {task: note, due: 2bd}]}]
  - {name: second, owner: rep, enter_when: [demo_booked, demo_held], leave_when: proposal_sent}
  - {name: third, owner: expert, enter_when: contract_signed, marks: won}
""")
HARD = """
stages:
  - name: first
    owner: rep
    leave_when: discovery_held
    gate: {hard: true, require: {a budget: {qualification.budget: {known: true}}, an answer: reply_received}}
  - {name: second, owner: rep, enter_when: demo_booked}
"""


def left(story: Story) -> e.StageLeft:
    return story.last(e.StageLeft)


def test_a_stage_is_left_when_its_condition_holds() -> None:
    story = Story(WAY)
    story.tell("next_step_agreed")
    before = story.stage

    story.tell("discovery_held")

    assert (before, story.stage) == ("first", "second")


def test_each_stage_is_shown_in_the_crm() -> None:
    story = Story(WAY)
    story.tell("contract_signed", starts_on="2026-03-02", ends_on="2027-03-01")

    assert [(show.stage, show.outcome) for show in story.all(UpdateCrm)] == [("first", None), ("third", "won")]


def test_a_fact_brings_a_deal_ahead_from_any_earlier_stage() -> None:
    story = Story(WAY)

    story.tell("demo_booked", starts_at="2026-03-05T10:00:00Z")

    assert story.stage == "second"


def test_of_several_stages_ahead_the_furthest_is_entered() -> None:
    story = Story(WAY)
    story.order("pause", why="talks")
    story.tell("demo_booked", starts_at="2026-03-05T10:00:00Z")
    story.tell("contract_signed", starts_on="2026-03-02", ends_on="2027-03-01")

    story.order("resume")

    assert (story.stage, story.state.visit) == ("third", 2)


def test_a_fact_of_an_earlier_stage_does_not_bring_a_deal_back() -> None:
    story = Story(WAY)
    story.tell("contract_signed", starts_on="2026-03-02", ends_on="2027-03-01")

    story.tell("demo_booked", starts_at="2026-03-05T10:00:00Z")

    assert story.stage == "third"


def test_entering_a_stage_may_mean_that_the_deal_is_won() -> None:
    story = Story(WAY)

    story.tell("contract_signed", starts_on="2026-03-02", ends_on="2027-03-01")

    assert (story.outcome, story.state.finished) == ("won", False)


def test_required_actions_that_were_not_done_are_counted_and_block_nothing() -> None:
    story = Story(WAY)

    story.tell("demo_held")

    assert (left(story).skipped_required, story.state.skipped_required) == (("call",), 1)
    assert story.tasks == {}


def test_required_actions_that_were_done_are_not_counted() -> None:
    story = Story(WAY)
    story.order("complete_task", task="call", by="rep")

    story.tell("demo_held")

    assert (left(story).skipped_required, story.state.skipped_required) == ((), 0)


def test_required_actions_that_somebody_skips_are_counted() -> None:
    rules = of_stage("""
- {name: one, on: entered, steps: [{after: 1d, task: call, required: true}, {task: visit, required: true}]}
- {name: two, on: entered, do: [{task: write, required: true}]}
""")
    story = Story(rules)

    story.order("skip_play", play="one", step="call", why="they called")
    story.order("skip_play", play="two", why="not needed")

    assert story.state.skipped_required == 2
    assert story.last(e.PlayEnded).skipped_required == ("write",)


def test_a_soft_gate_counts_what_is_missing() -> None:
    story = Story(playbook(HARD.replace("hard: true", "hard: false")))

    story.tell("discovery_held")

    assert (story.stage, left(story).missing) == ("second", ("a budget", "an answer"))


def test_a_hard_gate_holds_the_deal_and_says_what_is_missing() -> None:
    story = Story(playbook(HARD))

    story.tell("discovery_held")

    assert (story.stage, story.state.held_by) == ("first", ("a budget", "an answer"))
    assert story.last(e.StageHeld).sentence() == "Held by the gate: missing a budget, an answer"


def test_a_hard_gate_opens_by_itself_when_the_last_piece_comes() -> None:
    story = Story(playbook(HARD))
    story.tell("discovery_held")
    story.tell("reply_received")
    held = story.state.held_by

    story.tell("qualification_learned", answers={"budget": "20k"})

    assert (held, story.stage, left(story).missing) == (("a budget",), "second", ())


def test_a_person_may_pass_a_hard_gate_with_a_reason() -> None:
    story = Story(playbook(HARD))

    verdict = story.order("move_to_stage", stage="second", why="the board knows them")

    assert (verdict.text, story.stage) == ("The deal is now in second.", "second")
    assert left(story).why == "boss: the board knows them"


def test_a_person_cannot_move_a_deal_where_it_is_or_to_nowhere() -> None:
    story = Story(WAY)

    assert story.order("move_to_stage", stage="first", why="x").text == "The deal is in first already."
    assert story.order("move_to_stage", stage="last", why="x").text == (
        "There is no stage 'last'. Stages are: first, second, third."
    )


def test_facts_count_from_when_a_stage_was_left_last() -> None:
    story = Story(WAY)
    story.tell("discovery_held")
    story.tell("next_step_agreed")

    story.order("move_to_stage", stage="first", why="another team there")

    assert story.stage == "first"


def test_a_stage_that_takes_long_is_told_to_the_boss_again_and_again() -> None:
    story = Story(WAY).until("2026-03-16 10:00")

    assert [f"{entry.at:%d %b}" for entry in story.noted(e.Stalled)] == ["09 Mar", "16 Mar"]
    assert "boss: Deal acme has been in first since 02 Mar 2026." in story.told


def test_each_further_notice_of_a_stage_that_takes_long_waits_longer() -> None:
    story = Story(WAY).until("2027-03-02 10:00")

    days = [entry.at for entry in story.noted(e.Stalled)]
    assert [round((later - earlier).days / 7) for earlier, later in pairwise(days)] == [1, 2, 4, 8, 16]


def test_another_visit_is_as_patient_as_the_first() -> None:
    story = Story(WAY).until("2026-03-16 10:00")
    story.order("move_to_stage", stage="second", why="on")
    story.order("move_to_stage", stage="first", why="back")

    assert f"{story.state.stalls_at:%d %b}" == "23 Mar"


def test_a_fact_may_end_the_deal_with_its_reason() -> None:
    story = Story(WAY)

    decision = story.tell("deal_lost", reason="the price")

    assert (story.outcome, story.last(e.DealClosed).reason) == ("lost", "the price")
    assert (story.tasks, story.wakes) == ({}, "never")
    assert {effect.kind for effect in decision.effects} == {"close_task", "update_crm"}


def test_a_play_may_end_the_deal() -> None:
    story = Story(of_stage("[{name: give-up, on: entered, steps: [{after: 5bd, close: disqualified}]}]"))

    assert story.until("2026-03-10 10:00").outcome == "disqualified"


def test_a_play_may_enter_a_stage() -> None:
    rules = playbook("""
stages:
  - {name: one, owner: rep, plays: [{name: later, on: entered, steps: [{after: 2d, enter: two, reason: Time is up}]}]}
  - {name: two, owner: rep}
""")

    assert Story(rules).until("2026-03-05 10:00").stage == "two"


def test_what_arrives_with_the_end_is_turned_away_and_kept() -> None:
    story = Story(WAY)
    close, task = story.command("close", outcome="lost", why="gone"), story.command("complete_task", task="call")

    decision = story.tell_at_once(close, story.fact("demo_held"), task)

    assert decision.verdicts[task.id or ""].text == "The deal was closed before (lost)."
    assert [entry.error for entry in story.noted(e.FactRefused)] == ["The deal was closed before (lost)."]


def test_an_opt_out_that_arrives_with_the_end_still_counts() -> None:
    story = Story(WAY)

    decision = story.tell_at_once(story.command("close", outcome="lost", why="gone"), story.fact("opted_out", id="o"))

    assert [entry.id for entry in story.noted(e.FactTaken)] == ["o"]
    assert story.noted(e.FactRefused) == []
    assert decision.report_now


def test_the_end_leaves_no_closing_of_a_task_undone() -> None:
    story = Story(WAY)
    story.keep("close_task")
    story.order("complete_task", task="call", by="rep")

    story.order("close", outcome="lost", why="gone")

    assert [effect for effect in story.withdrawn if "closed" in effect] == []


def test_a_renewal_enters_the_stage_anew() -> None:
    rules = of_stage(
        "[{name: hi, on: entered, do: [{notify: rep, text: Hello}]}]", before="renews_on: contract_renewed"
    )
    story = Story(rules)

    story.tell("contract_renewed", starts_on="2026-03-02", ends_on="2027-03-01")

    assert (story.told, story.state.visit) == (["rep: Hello", "rep: Hello"], 2)
