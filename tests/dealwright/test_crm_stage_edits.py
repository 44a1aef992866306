"""Somebody moves the deal in the CRM: it is taken over, or put back, as the playbook says."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import UpdateCrm
from tests.dealwright.story import Story, playbook

_STAGES = """
stages:
  - {name: first, owner: rep, leave_when: demo_booked}
  - name: second
    owner: rep
    leave_when: proposal_sent
    gate: {hard: %s, require: {a budget: {qualification.budget: {known: true}}}}
  - {name: third, owner: rep, enter_when: proposal_sent}
"""


def story_in_second(edits: str | None, *, hard: bool = True) -> Story:
    section = f"crm: {{stage_edits: {edits}}}\n" if edits else ""
    story = Story(playbook(section + _STAGES % str(hard).lower())).wait(hours=1)
    story.tell("demo_booked", starts_at="2026-03-20T10:00:00Z")
    return story.wait(hours=1)


def written(story: Story) -> list[str]:
    """The stages that were written since the deal entered the second."""
    return [update.stage for update in story.all(UpdateCrm)[2:]]


def test_without_a_word_about_the_crm_a_stage_set_there_is_only_noted() -> None:
    story = story_in_second(None)
    story.tell("crm_stage_moved", stage="third")
    assert (story.stage, written(story), story.told) == ("second", [], [])


def test_where_nothing_is_missing_the_deal_follows() -> None:
    story = story_in_second("check")
    story.tell("qualification_learned", answers={"budget": "50k"})
    story.tell("crm_stage_moved", stage="third", by="Rea")
    assert (story.stage, written(story)) == ("third", [])
    assert story.last(e.FactTaken).sentence().startswith("CRM stage moved: third")
    assert story.last(e.StageLeft).why == "moved in the CRM by Rea"


def test_what_a_hard_gate_misses_puts_the_stage_back_and_is_told() -> None:
    story = story_in_second("check")
    story.tell("crm_stage_moved", stage="third", by="Rea")
    assert (story.stage, written(story)) == ("second", ["second"])
    assert story.told == ["rep: Moved to third by Rea, and back to second: missing: a budget"]
    assert story.all(UpdateCrm)[-1].note == "Moved to third by Rea, and back to second: missing: a budget"
    assert story.last(e.FactTaken).no_news == "put back; missing: a budget"


def test_the_gates_of_stages_that_are_passed_over_are_looked_at_too() -> None:
    story = Story(playbook("crm: {}\n" + _STAGES % "true")).wait(hours=1)
    story.tell("crm_stage_moved", stage="third")
    assert story.stage == "first"


def test_a_gate_that_is_not_hard_lets_the_deal_through_and_counts() -> None:
    story = story_in_second("check", hard=False)
    story.tell("crm_stage_moved", stage="third")
    assert (story.stage, story.last(e.StageLeft).missing) == ("third", ("a budget",))


def test_back_goes_whoever_wants_to() -> None:
    story = story_in_second("check")
    story.tell("crm_stage_moved", stage="first")
    assert story.stage == "first"


def test_every_edit_may_be_taken_over_and_what_was_missing_is_noted() -> None:
    story = story_in_second("accept")
    story.tell("crm_stage_moved", stage="third")
    assert (story.stage, written(story), story.last(e.StageLeft).missing) == ("third", [], ("a budget",))


def test_or_none() -> None:
    story = story_in_second("revert")
    story.tell("crm_stage_moved", stage="first")
    assert (story.stage, written(story)) == ("second", ["second"])
    assert story.told == ["rep: Moved to first, and back to second: the playbook alone moves this deal"]


def test_a_stage_that_the_playbook_does_not_know_moves_nothing_and_asks_for_attention() -> None:
    story = story_in_second("accept")
    story.tell("crm_stage_moved", stage="decisionmakerboughtin")
    assert (story.stage, written(story), len(story.told)) == ("second", [], 1)
    assert "no stage of the playbook" in story.state.attention["crm-stage"]
    story.tell("crm_stage_moved", stage="third")
    assert "crm-stage" not in story.state.attention


def test_a_stage_that_is_told_late_moves_nothing() -> None:
    story = story_in_second("accept")
    story.tell("crm_stage_moved", stage="third", at="2026-03-02T10:30:00Z")
    assert (story.stage, story.last(e.FactTaken).no_news) == ("second", "older than what is known")


def test_of_two_edits_that_come_in_the_wrong_order_the_later_one_stands() -> None:
    story = story_in_second("accept")
    story.tell("crm_stage_moved", stage="third", at="2026-03-02T11:40:00Z")
    story.tell("crm_stage_moved", stage="first", at="2026-03-02T11:30:00Z")
    story.tell("crm_stage_moved", stage="second", at="2026-03-02T11:50:00Z")
    assert [entry.stage for entry in story.noted(e.StageEntered)] == ["first", "second", "third", "second"]
    assert written(story) == []


@pytest.mark.parametrize("edits", ["check", "accept", "revert"])
def test_our_own_update_that_comes_back_is_no_edit(edits: str) -> None:
    story = story_in_second(edits)
    story.tell("crm_stage_moved", stage="second")
    assert (story.stage, written(story), story.told) == ("second", [], [])


def test_plays_hear_of_the_edit_where_the_deal_was_and_begin_where_it_is() -> None:
    rules = playbook("""
crm: {stage_edits: accept}
stages:
  - {name: first, owner: rep, plays: [{name: mind, on: {crm_stage_moved: second}, do: [{notify: boss, text: Moved}]}]}
  - {name: second, owner: rep, plays: [{name: begin, on: entered, do: [{task: greet}]}]}
""")
    story = Story(rules).wait(hours=1)
    story.tell("crm_stage_moved", stage="second")
    assert (story.stage, list(story.tasks)) == ("second", ["greet"])


def test_a_paused_deal_follows_an_edit_too() -> None:
    story = story_in_second("accept")
    story.order("pause", why="holidays")
    story.tell("crm_stage_moved", stage="third")
    assert story.stage == "third"


def test_what_moves_the_deal_again_and_again_is_no_person() -> None:
    story = story_in_second("revert")
    for _ in range(5):
        story.wait(minutes=1)
        story.tell("crm_stage_moved", stage="third")
    assert written(story) == ["second"] * 3
    assert "again and again" in story.state.attention["crm-stage"]
