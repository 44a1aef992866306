"""Conditions that ask how far a date lies ahead or back, and when a deal looks at them."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import TEMPLATES, with_change
from tests.dealwright.story import Story, of_stage, playbook

DATES = "fields: {trial_ends_on: date, seats: number}"
STAGES = """
stages:
  - name: trial
    owner: rep
    {moves}
  - {{name: sale, owner: rep}}
ends: [{{when: deal_lost, as: lost}}]
"""


def told(condition: str, at: str, **known: object) -> bool:
    """Whether a play under this condition starts at that time in a deal that knows this."""
    play = f"- {{name: tell, on: note_added, if: {condition}, do: [{{notify: rep, text: Now}}]}}"
    story = Story(of_stage(play, before=DATES), at=at, **known)
    story.tell("note_added", text="look")
    return story.told == ["rep: Now"]


def in_trial(moves: str, ends_on: str = "2026-03-20") -> Story:
    return Story(playbook(DATES + STAGES.format(moves=moves)), fields={"trial_ends_on": ends_on})


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        ("2026-03-09 23:59", False), ("2026-03-10 00:00", True), ("2026-03-20 23:59", True),
        ("2026-03-21 00:00", False),
    ],
)  # fmt: skip
def test_a_day_is_within_a_time_from_then_on_until_it_is_over(at: str, holds: bool) -> None:
    assert told("{fields.trial_ends_on: {within: 10d}}", at, fields={"trial_ends_on": "2026-03-20"}) is holds


@pytest.mark.parametrize(
    ("test", "at", "holds"),
    [
        ("older_than: 2bd", "2026-03-10 10:59", False), ("older_than: 2bd", "2026-03-10 11:00", True),
        ("newer_than: 2bd", "2026-03-10 10:59", True), ("newer_than: 2bd", "2026-03-10 11:00", False),
        ("older_than: 2d", "2026-03-08 11:00", True), ("within: 2d", "2026-03-06 11:01", False),
    ],
)  # fmt: skip
def test_what_lies_back_is_older_or_newer_than_a_time(test: str, at: str, holds: bool) -> None:
    play = f"- {{name: tell, on: note_added, if: {{proposal.sent_at: {{{test}}}}}, do: [{{notify: rep, text: Now}}]}}"
    story = Story(of_stage(play), at="2026-03-06 11:00")  # a Friday
    story.tell("proposal_sent", proposal_id="p1")
    story.until(at)
    story.tell("note_added", text="look")
    assert (story.told == ["rep: Now"]) is holds


@pytest.mark.parametrize("test", ["within: 10d", "older_than: 0d", "newer_than: 10d"])
def test_a_date_that_is_not_known_is_neither_ahead_nor_back(test: str) -> None:
    assert not told(f"{{fields.trial_ends_on: {{{test}}}}}", "2026-03-10 10:00")


def test_a_day_begins_and_ends_where_the_owner_is() -> None:
    owners = {"rep": {"name": "Rae", "timezone": "America/New_York"}}
    condition, fields = "{fields.trial_ends_on: {older_than: 0d}}", {"trial_ends_on": "2026-03-20"}
    assert not told(condition, "2026-03-20 03:59", fields=fields, owners=owners)
    assert told(condition, "2026-03-20 04:00", fields=fields, owners=owners)


def test_a_stage_is_left_at_the_time_that_its_condition_names() -> None:
    story = in_trial("leave_when: {fields.trial_ends_on: {within: 7d}}")

    story.until("2026-03-12 23:59")
    before = story.stage
    story.until("2026-03-13 00:00")

    assert (before, story.stage) == ("trial", "sale")
    assert story.last(e.StageLeft).why == "fields.trial_ends_on within the next 7d"


def test_a_hard_gate_lets_a_deal_go_at_the_time_that_its_condition_names() -> None:
    story = in_trial(
        "leave_when: meeting_booked\n"
        "    gate: {require: {a trial that is over: {fields.trial_ends_on: {older_than: 1d}}}, hard: true}"
    )
    story.tell("meeting_booked", starts_at="2026-03-05T10:00:00Z")
    held = story.stage
    story.until("2026-03-21 00:00")

    assert (held, story.stage) == ("trial", "sale")


def test_a_date_that_moves_moves_the_time_of_the_look() -> None:
    story = in_trial("leave_when: {fields.trial_ends_on: {within: 7d}}")
    story.tell("fields_learned", fields={"trial_ends_on": "2026-04-20"})
    story.until("2026-04-12 23:59")
    before = story.stage
    story.until("2026-04-13 00:00")

    assert (before, story.stage) == ("trial", "sale")


@pytest.mark.parametrize(
    ("condition", "mistake"),
    [
        ("if: {deal.score: {within: 60d}}", "'deal.score' is no date that 'within' could ask for"),
        ("if: {contract.ends_on: {within: 2 months}}", "'2 months' is not a duration"),
        ("if: {contract.ends_on: {withn: 60d}}", "'withn' is no test for contract.ends_on"),
        ("if: {contract.ends_on: {within: 60d, older_than: 1d}}", "'contract.ends_on' would be ahead and past"),
        ("if: {contract.ends_on: {newer_than: 0d}}", "nothing is newer than no time"),
    ],
)
def test_what_can_never_be_so_is_told(condition: str, mistake: str) -> None:
    text = with_change("if: {deal.source: outbound}", condition)
    found = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]
    assert any(mistake in line for line in found), found


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_means_never_is_no_date_that_anything_is_reckoned_from(day: str) -> None:
    story = in_trial("leave_when: {fields.trial_ends_on: {within: 1d}}")
    story.tell("fields_learned", fields={"trial_ends_on": day})
    assert f"'{day}' is no date" in story.last(e.FactRefused).error
    assert story.stage == "trial"
