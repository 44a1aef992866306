"""What adopting another playbook would change for a deal, and that it comes about so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dealwright.effects import SendEmail
from dealwright.impact.comparing import Wanted, impact_on
from dealwright.playbook.language.model import Playbook
from dealwright.rules import next_step
from tests.dealwright.story import Story, of_stage, playbook

CADENCE = """
- name: cadence
  on: entered
  until: reply_received
  steps: [{email: one}, {after: 1d, task: call, due: 5d}, {after: 1d, email: two}, {after: 1d, email: three}]
- {name: other, on: entered, do: [{after: 9d, notify: rep, text: Nine days}]}
"""
ONE_MORE = CADENCE.replace("{after: 1d, email: three}", "{after: 1d, email: three}, {after: 1d, email: four}")


def at_work(at: str = "2026-03-03 11:00") -> Story:
    """A deal in the middle of its cadence."""
    return Story(of_stage(CADENCE)).until(at)


def wanted(rules: Playbook) -> Wanted:
    return Wanted("f" * 64, rules)


def told(story: Story, rules: Playbook, days: int = 30) -> list[tuple[str, str, str]]:
    found = impact_on("acme", story.state, story.rules, wanted(rules), story.now, timedelta(days=days))
    assert found.cannot is None
    return [(one.kind, one.what, one.name) for one in found.changes]


@pytest.mark.parametrize(
    ("new", "changes"),
    [
        pytest.param(CADENCE, [], id="nothing"),
        pytest.param(ONE_MORE, [("touch", "added", "four")], id="one more message"),
        pytest.param(
            CADENCE.replace(", {after: 1d, email: three}", ""), [("touch", "dropped", "three")], id="one less"
        ),
        pytest.param(
            CADENCE.replace("{after: 1d, email: three}", "{after: 4d, email: three}"),
            [("touch", "moved", "three")],
            id="another time",
        ),
        pytest.param(
            CADENCE.replace("- name: cadence", "- name: another"),
            [("play", "stopped", "cadence"), ("touch", "dropped", "two"), ("touch", "dropped", "three")],
            id="a play that is gone",
        ),
        pytest.param(
            CADENCE.replace("{after: 1d, email: two}", "{after: 1d, task: visit}"),
            [("touch", "dropped", "two"), ("touch", "moved", "three"), ("task", "added", "visit")],
            id="a task in place of a message",
        ),
    ],
)
def test_what_would_come_about_in_another_way_is_told(new: str, changes: list[tuple[str, str, str]]) -> None:
    story = at_work()
    assert [one for one in told(story, of_stage(new)) if one[2] != next_step.TASK] == changes


def test_that_a_role_works_at_other_hours_is_told_of_what_is_not_planned_yet() -> None:
    plays = "[{name: p, on: entered, steps: [{after: 2bd, task: call, due: 9bd}, {after: 1bd, task: visit, due: 9bd}]}]"
    whole = f"playbook: x\nroles: {{rep: {{}}}}\nstages: [{{name: selling, owner: rep, plays: {plays}}}]\n"
    afternoons = whole.replace("rep: {}", "rep: {hours: Mon-Fri 12:00-16:00}")

    assert told(Story(playbook(whole)), playbook(afternoons)) == [("task", "moved", "visit")]


def test_only_what_comes_in_the_time_ahead_is_told() -> None:
    story = at_work()
    assert told(story, of_stage(ONE_MORE), days=2) == []
    assert told(story, of_stage(ONE_MORE), days=9) == [("touch", "added", "four")]


def test_a_deal_whose_stage_is_gone_cannot_adopt_and_is_told_why() -> None:
    story = at_work()
    elsewhere = playbook("stages: [{name: elsewhere, owner: rep}]")
    found = impact_on("acme", story.state, story.rules, wanted(elsewhere), story.now)
    assert found.cannot is not None
    assert "no stage" in found.cannot
    assert found.changes == ()


def test_rules_that_lead_on_at_once_are_told_with_the_stage() -> None:
    story = Story(playbook("stages: [{name: selling, owner: rep}, {name: won, owner: rep}]")).until("2026-03-03 11:00")
    on = playbook("stages: [{name: selling, owner: rep, leave_when: {deal.id: acme}}, {name: won, owner: rep}]")
    assert ("stage", "entered", "won") in told(story, on)


def test_nothing_is_changed_in_the_deal_that_is_looked_at() -> None:
    story = at_work()
    before = story.state.model_dump_json()
    impact_on("acme", story.state, story.rules, wanted(of_stage(ONE_MORE)), story.now)
    assert story.state.model_dump_json() == before


def test_what_then_happens_is_what_was_told() -> None:
    new = of_stage(CADENCE.replace("{after: 1d, email: two}", "{after: 1d, email: two}, {after: 2d, email: extra}"))
    story, as_it_was = at_work(), at_work()
    found = impact_on("acme", story.state, story.rules, wanted(new), story.now)
    story.offers[new.playbook] = ("f" * 64, new)

    verdict = story.order("adopt_playbook", playbook=new.playbook, why="x")
    story.until("2026-03-30 10:00")
    as_it_was.until("2026-03-30 10:00")

    assert verdict.text.partition("). ")[2] == found.verdict.partition("). ")[2]
    came = {line.split()[-1] for line in story.sent} - {line.split()[-1] for line in as_it_was.sent}
    assert came == {one.name for one in found.changes if (one.kind, one.what) == ("touch", "added")} == {"extra"}
    moved = {one.name: one.after for one in found.changes if (one.kind, one.what) == ("touch", "moved")}
    sent = {email.template: email.at for email in story.all(SendEmail)}
    assert moved == {name: sent[name] for name in ("three",)}
