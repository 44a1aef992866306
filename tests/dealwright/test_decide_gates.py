"""What a gate asks for before a stage is left: counted, or (hard) held until it is there."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.story import Story, playbook

RULES = """
stages:
  - name: one
    owner: rep
    leave_when: meeting_booked
    gate: {{require: {{a pain: {{qualification.pain: {{known: true}}}}}}, hard: true{more}}}
    plays:
{plays}
  - {{name: two, owner: rep, enter_when: discovery_held}}
  - {{name: three, owner: rep, enter_when: [demo_booked, contract_signed, {{reply_received: interested}}]}}
"""
NONE = "      - {name: nothing, on: note_added, do: [{notify: rep}]}"
DEMO = {"starts_at": "2026-03-20T10:00:00Z"}
SIGNED = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}


def gated(*plays: str, more: str = "") -> Story:
    return Story(playbook(RULES.format(plays="\n".join(f"      - {play}" for play in plays) or NONE, more=more)))


@pytest.mark.parametrize(
    ("fact", "payload"),
    [("demo_booked", DEMO), ("discovery_held", {}), ("reply_received", {"sentiment": "interested"})],
)
def test_a_hard_gate_holds_a_deal_that_a_fact_would_take_ahead(fact: str, payload: dict[str, object]) -> None:
    story = gated()

    story.tell(fact, **payload)

    assert story.stage == "one"
    assert story.last(e.StageHeld).missing == ("a pain",)


def test_a_deal_that_was_held_goes_where_it_would_have_gone_when_what_is_missing_comes() -> None:
    story = gated()
    story.tell("demo_booked", **DEMO)

    story.tell("qualification_learned", answers={"pain": "slow reports"})

    assert story.stage == "three"
    assert story.last(e.StageLeft).missing == ()


def test_what_is_held_is_told_once() -> None:
    story = gated()
    story.tell("demo_booked", **DEMO)
    story.tell("note_added", text="x")
    story.tell("discovery_held")

    assert len(story.noted(e.StageHeld)) == 1


def test_a_signed_contract_leads_past_a_hard_gate_and_what_is_missing_is_counted() -> None:
    story = gated()

    story.tell("contract_signed", **SIGNED)

    assert story.stage == "three"
    assert story.last(e.StageLeft).missing == ("a pain",)


def test_a_gate_names_the_facts_that_lead_past_it() -> None:
    story = gated(more=", counted: [{reply_received: interested}]")
    story.tell("contract_signed", **SIGNED)
    held = story.stage

    story.tell("reply_received", sentiment="interested")

    assert (held, story.stage) == ("one", "three")


def test_a_fact_that_leads_past_a_gate_does_so_beside_one_that_does_not() -> None:
    story = gated(more=", counted: [discovery_held]")

    story.tell("demo_booked", **DEMO)
    story.tell("discovery_held")

    assert story.stage == "two"


def test_a_person_leads_past_a_hard_gate_and_what_is_missing_is_counted() -> None:
    story = gated()

    story.order("move_to_stage", stage="two", why="I know them")

    assert story.stage == "two"
    assert story.last(e.StageLeft).missing == ("a pain",)


AHEAD = "{name: ahead, on: note_added, steps: [{enter: three}, {notify: boss, text: There}]}"


def test_a_hard_gate_holds_the_step_of_a_play_that_enters_a_stage_until_what_is_missing_comes() -> None:
    story = gated(AHEAD)
    story.tell("note_added", text="x")
    held = (story.stage, story.last(e.StageHeld).missing)
    story.until("2026-05-20 10:00")

    story.tell("qualification_learned", answers={"pain": "slow reports"})

    assert (held, story.stage) == (("one", ("a pain",)), "three")


def test_a_play_that_a_counted_fact_started_leads_past_a_hard_gate() -> None:
    story = gated("{name: ahead, on: note_added, do: [{enter: three}]}", more=", counted: [note_added]")

    story.tell("note_added", text="x")

    assert story.stage == "three"


def test_a_step_that_was_held_does_not_come_after_the_stage_was_left_in_another_way() -> None:
    story = Story(playbook(f"plays: [{AHEAD}]{RULES.format(plays=NONE, more='')}"))
    story.tell("note_added", text="x")

    story.order("move_to_stage", stage="two", why="x")

    assert story.stage == "two"
    assert [one.why for one in story.noted(e.StepSkipped)] == ["the stage that held it was left meanwhile"]
    assert story.told[-1] == "boss: There"


def test_a_held_step_does_not_come_after_its_play_was_stopped() -> None:
    story = gated(AHEAD.replace("on: note_added", "on: note_added, until: demo_cancelled"))
    story.tell("note_added", text="x")
    story.tell("demo_cancelled")

    story.tell("qualification_learned", answers={"pain": "slow reports"})

    assert story.stage == "one"


def test_a_gate_that_is_not_hard_holds_nothing() -> None:
    story = Story(playbook(RULES.replace(", hard: true", "").format(plays=NONE, more="")))

    story.tell("demo_booked", **DEMO)

    assert story.stage == "three"
    assert story.last(e.StageLeft).missing == ("a pain",)
