"""When a deal moves on, and which of several ways it takes: one test for each row of the table in the docs."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import TEMPLATES, with_change
from tests.dealwright.story import MONDAY, Story, playbook

RULES = """
renews_on: contract_renewed
ends: [{when: deal_lost, as: lost}, {when: contract_withdrawn, as: disqualified}]
PLAYS
stages:
  - name: one
    owner: rep
    leave_when: [demo_held, proposal_sent, contract_withdrawn, {deal.score: {gte: 5}}]
    GATE
    plays:
      - {name: away, on: [demo_held, note_added], do: [{enter: four}]}
      - {name: over, on: invoice_paid, do: [{close: completed}]}
  - {name: two, owner: rep}
  - {name: three, owner: rep, enter_when: [proposal_sent, demo_booked, contract_withdrawn]}
  - {name: four, owner: rep, enter_when: demo_booked}
"""
HARD = "gate: {hard: true, require: {a pain: {qualification.pain: {known: true}}}}"
DEMO = {"starts_at": "2026-03-20T10:00:00Z"}
TERM = {"starts_on": "2026-03-01", "ends_on": "2027-02-28"}


def deal(gate: str = "", plays: str = "") -> Story:
    return Story(playbook(RULES.replace("GATE", gate).replace("PLAYS", plays)), at=MONDAY)


@pytest.mark.parametrize("gate", ["", HARD])
def test_an_end_wins_over_every_stage_that_waits_for_the_same_fact_and_no_gate_holds_it(gate: str) -> None:
    story = deal(gate)
    story.tell("contract_withdrawn", how="voided")
    assert story.outcome == "disqualified"


def test_an_end_comes_while_the_deal_is_paused_and_nothing_else_does() -> None:
    story = deal()
    story.order("pause", why="holidays")
    story.tell("proposal_sent", proposal_id="p1")
    paused = story.stage
    story.tell("deal_lost")
    assert (paused, story.outcome) == ("one", "lost")


def test_what_came_while_the_deal_was_paused_counts_when_the_pause_ends() -> None:
    story = deal()
    story.order("pause", why="holidays")
    story.wait(hours=1).tell("proposal_sent", proposal_id="p1")
    story.order("resume")
    assert story.stage == "three"


def test_a_person_moves_a_deal_past_a_hard_gate() -> None:
    story = deal(HARD)
    story.order("move_to_stage", stage="two", why="they know us")
    assert story.stage == "two"


def test_a_renewal_enters_the_same_stage_anew_whatever_the_gate_says() -> None:
    story = deal(HARD)
    story.tell("contract_signed", **TERM)
    story.wait(hours=1).tell("contract_renewed", starts_on="2027-03-01", ends_on="2028-02-28")
    assert (story.stage, story.state.visit) == ("one", 2)


def test_a_later_stage_that_begins_with_a_fact_wins_over_leave_when() -> None:
    story = deal()
    story.tell("proposal_sent", proposal_id="p1")
    assert story.stage == "three"


def test_of_several_stages_that_begin_with_a_fact_the_furthest_wins() -> None:
    story = deal()
    story.tell("demo_booked", **DEMO)
    assert story.stage == "four"


def test_leave_when_wins_over_a_play_of_the_stage_that_would_go_elsewhere() -> None:
    story = deal()
    story.tell("demo_held")
    assert story.stage == "two"


def test_a_play_of_the_whole_deal_takes_it_on_from_the_new_stage() -> None:
    story = deal(plays="plays: [{name: everywhere, on: demo_held, do: [{enter: four}]}]")
    story.tell("demo_held")
    assert story.stage == "four"


@pytest.mark.parametrize(
    ("fact", "payload"), [("demo_booked", DEMO), ("note_added", {"text": "go"}), ("lead_qualified", {"score": 6})]
)
def test_a_hard_gate_holds_jumps_leave_when_and_plays_until_nothing_is_missing(
    fact: str, payload: dict[str, object]
) -> None:
    story = deal(HARD)
    story.tell(fact, **{"level": "sql", **payload} if fact == "lead_qualified" else payload)
    held = story.stage
    story.wait(hours=1).tell("qualification_learned", answers={"pain": "slow reports"})
    assert (held, story.stage != "one") == ("one", True)


def test_no_gate_holds_the_close_of_a_play() -> None:
    story = deal(HARD)
    story.tell("invoice_paid")
    assert story.outcome == "completed"


def test_a_stage_that_a_jump_passes_over_is_told() -> None:
    text = with_change("leave_when: {reply_received: interested}", "leave_when: meeting_booked")
    text = text.replace("gate: {require", "enter_when: meeting_booked\n    gate: {require")
    found = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]
    assert any("'meeting_booked' brings the deal to 'customer', and not to 'talks'" in line for line in found), found
