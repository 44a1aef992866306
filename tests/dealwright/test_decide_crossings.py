"""A value that starts a play does so when it is reached, and again only after it was left."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.story import Story, of_stage, playbook

LOW = "{name: low, on: usage_reported, if: {deal.health: {lt: 50}}, do: [{notify: rep, text: Low}]}"
SIGNED = {"starts_on": "2026-03-01", "ends_on": "2027-02-28", "value": {"amount": "900", "currency": "EUR"}}


def reports(*healths: float, rules: str = f"[{LOW}]") -> Story:
    story = Story(of_stage(rules))
    for number, health in enumerate(healths):
        story.tell("usage_reported", id=f"u{number}", health=health)
        story.wait(days=1)
    return story


def rescues(story: Story) -> int:
    return [one.name for one in story.noted(e.TaskOpened)].count("rescue")


@pytest.mark.parametrize(
    ("healths", "times"),
    [
        pytest.param([30] * 11, 1, id="eleven reports under other ids"),
        pytest.param([30, 20, 40], 1, id="worse and better below the line"),
        pytest.param([30, 60, 30], 2, id="cleared in between"),
        pytest.param([60, 30, 60, 60, 30, 30], 2, id="to and fro"),
        pytest.param([60, 70], 0, id="never"),
    ],
)
def test_a_play_starts_once_when_its_value_is_reached_and_again_after_it_was_left(
    healths: list[float], times: int
) -> None:
    assert reports(*healths).told == ["rep: Low"] * times


def test_a_run_that_still_goes_on_and_one_that_is_over_make_no_difference() -> None:
    rules = "[{name: low, on: usage_reported, if: {deal.health: {lt: 50}}, do: [{task: rescue, due: 9d}]}]"
    story = reports(30, 30, rules=rules)
    going_on = rescues(story)
    story.order("complete_task", by="rep", task="rescue")

    story.tell("usage_reported", health=30)

    assert (going_on, rescues(story)) == (1, 1)


def test_an_older_report_that_comes_late_neither_starts_nor_clears() -> None:
    story = Story(of_stage(f"[{LOW}]"))
    story.tell("usage_reported", at="2026-03-02T09:00:00Z", health=30)
    story.tell("usage_reported", at="2026-03-02T08:00:00Z", health=90)
    story.tell("usage_reported", at="2026-03-02T09:30:00Z", health=30)

    assert story.told == ["rep: Low"]


def test_two_reports_that_come_together_count_one_after_the_other() -> None:
    story = reports(30)

    story.tell_at_once(story.fact("usage_reported", health=80), story.fact("usage_reported", health=20))

    assert story.told == ["rep: Low", "rep: Low"]


def test_a_correction_by_a_person_clears_too() -> None:
    story = reports(30)
    story.order("amend", why="x", known={"health": 80})

    story.tell("usage_reported", health=30)

    assert story.told == ["rep: Low", "rep: Low"]
    assert story.last(e.ConditionCleared).sentence() == "What started low is no longer so"


def test_plays_on_the_same_fact_remember_for_themselves() -> None:
    lower = LOW.replace("low", "lower").replace("50", "20").replace("Low", "Lower")

    assert reports(30, 10, 10, 30, 10, rules=f"[{LOW}, {lower}]").told == ["rep: Low", "rep: Lower", "rep: Lower"]


def test_a_play_that_looks_at_what_its_trigger_does_not_teach_starts_each_time() -> None:
    rules = "[{name: big, on: demo_missed, if: {deal.health: {lt: 50}}, do: [{notify: rep, text: Again}]}]"
    story = Story(of_stage(rules), health=10)

    for day in (3, 4):
        story.tell("demo_booked", starts_at=f"2026-03-0{day}T10:00:00Z")
        story.until(f"2026-03-0{day} 10:30").tell("demo_missed")

    assert story.told == ["rep: Again", "rep: Again"]


@pytest.mark.parametrize(
    ("fact", "condition", "payload", "times"),
    [
        ("lead_qualified", "{deal.score: {gte: 70}}", {"level": "mql", "score": 80}, 1),
        ("account_researched", "{deal.score: {gte: 70}}", {"score": 80}, 1),
        ("crm_properties_changed", "{deal.amount: {gte: 500}}", {"amount": {"amount": "900", "currency": "EUR"}}, 1),
        ("qualification_learned", "{qualification.bant: {gte: 1}}", {"answers": {"budget": "yes"}}, 1),
        ("notes_learned", "{notes.use_case: {known: true}}", {"notes": {"use_case": "reports"}}, 1),
    ],
)
def test_whatever_value_a_fact_teaches_is_reached_once(
    fact: str, condition: str, payload: dict[str, object], times: int
) -> None:
    story = Story(of_stage(f"[{{name: it, on: {fact}, if: {condition}, do: [{{notify: rep, text: It}}]}}]"))

    for number in range(3):
        story.tell(fact, id=f"f{number}", **payload)

    assert story.told == ["rep: It"] * times


def test_another_proposal_is_another_cause_and_the_same_one_told_again_is_none() -> None:
    rules = "[{name: deep, on: proposal_sent, if: {proposal.discount: {gt: 10}}, do: [{notify: rep, text: Deep}]}]"
    story = Story(of_stage(rules))

    for number, proposal in enumerate(("p1", "p1", "p2")):
        story.tell("proposal_sent", id=f"f{number}", proposal_id=proposal, discount=20)

    assert story.told.count("rep: Deep") == 2


def test_a_play_of_a_stage_starts_anew_in_another_visit_of_it() -> None:
    rules = playbook(f"stages: [{{name: selling, owner: rep, plays: [{LOW}]}}, {{name: later, owner: rep}}]")
    story = Story(rules)
    story.tell("usage_reported", health=30)
    for stage in ("later", "selling"):
        story.order("move_to_stage", stage=stage, why="x")

    story.tell("usage_reported", health=30)

    assert story.told == ["rep: Low", "rep: Low"]


def test_a_play_of_the_whole_deal_remembers_over_stages() -> None:
    story = Story(playbook(f"plays: [{LOW}]\nstages: [{{name: selling, owner: rep}}, {{name: later, owner: rep}}]"))
    story.tell("usage_reported", health=30)
    story.order("move_to_stage", stage="later", why="x")

    story.tell("usage_reported", health=30)

    assert story.told == ["rep: Low"]


def test_a_value_that_is_reached_while_another_run_keeps_the_play_from_starting_starts_it_later() -> None:
    rules = LOW.replace("on: usage_reported", "on: usage_reported, alone: true").replace(
        "{notify: rep, text: Low}", "{task: rescue, due: 9d}"
    )
    story = reports(30, 80, 20, rules=f"[{rules}]")
    story.order("complete_task", by="rep", task="rescue")

    story.tell("usage_reported", health=20)

    assert rescues(story) == 2


def test_what_was_reached_is_remembered_while_the_deal_is_paused() -> None:
    story = reports(30)
    story.order("pause", why="x")
    story.tell("usage_reported", health=80)
    story.tell("usage_reported", health=30)

    story.order("resume")

    assert story.told == ["rep: Low", "rep: Low"]


def test_what_a_date_started_is_cleared_on_its_day_also_while_the_deal_is_paused() -> None:
    soon = "{name: soon, on: contract_amended, if: {contract.ends_on: {within: 10d}}, do: [{notify: rep, text: Soon}]}"
    story = Story(of_stage(f"- {soon}"))
    story.tell("contract_signed", starts_on="2026-01-01", ends_on="2026-12-31")
    story.tell("contract_amended", ends_on="2026-03-10")
    story.order("pause", why="x")
    story.until("2026-03-12 10:00")
    story.tell("contract_amended", ends_on="2026-03-20")

    story.order("resume")

    assert story.told == ["rep: Soon", "rep: Soon"]
