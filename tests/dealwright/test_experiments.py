"""Experiments: one arm for each deal, the same for ever, written down once it decides something."""

from __future__ import annotations

from collections import Counter

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from dealwright.playbook.language.experiments import Experiment
from dealwright.playbook.language.model import Playbook
from dealwright.views.snapshot import snapshot_of
from tests.dealwright.story import Story, of_stage, playbook

BY_ARM = {"slow": "acme", "fast": "deal-2"}
"""A deal of each arm."""
PACE = "experiments: {pace: {arms: {slow: 1, fast: 1}}}"
TEXTS = """
- name: hello
  on: entered
  steps:
    - {after: 1bd, email: short, if: {experiment.pace: fast}}
    - {after: 3bd, email: long, if: {experiment.pace: slow}}
    - {after: 1bd, email: last}
"""


def exposures(story: Story) -> list[tuple[str, str, str | None]]:
    return [(one.experiment, one.arm, one.play) for one in story.entries if isinstance(one, e.ExperimentExposed)]


def texts(story: Story) -> list[str]:
    """The templates of the messages that went out."""
    return [effect.template for effect in story.effects if isinstance(effect, SendEmail)]


def deal(rules: Playbook, arm: str, score: int | None = None) -> Story:
    return Story(rules, id=BY_ARM[arm], score=score)


def test_deals_are_spread_over_the_arms_by_weight() -> None:
    experiment = Experiment(arms={"a": 1, "b": 3, "none": 0})

    counts = Counter(experiment.arm_of("subject", f"deal-{number}") for number in range(4000))

    assert counts.keys() == {"a", "b"}
    assert 900 < counts["a"] < 1100


def test_two_experiments_spread_deals_independently() -> None:
    experiment = Experiment(arms={"a": 1, "b": 1})

    both = Counter(
        (experiment.arm_of("one", f"deal-{number}"), experiment.arm_of("two", f"deal-{number}"))
        for number in range(4000)
    )

    assert all(900 < count < 1100 for count in both.values())


def test_the_order_of_the_arms_in_the_file_moves_no_deal() -> None:
    one, other = Experiment(arms={"a": 1, "b": 2}), Experiment(arms={"b": 2, "a": 1})

    assert [one.arm_of("x", f"d{n}") for n in range(50)] == [other.arm_of("x", f"d{n}") for n in range(50)]


@pytest.mark.parametrize(("arm", "first", "at"), [("fast", "short", "2026-03-03"), ("slow", "long", "2026-03-05")])
def test_each_arm_gets_its_text_at_its_time(arm: str, first: str, at: str) -> None:
    story = deal(of_stage(TEXTS, before=PACE), arm)

    story.until(f"{at} 09:59")
    assert texts(story) == []
    story.until(f"{at} 10:00")

    assert texts(story) == [first]
    assert texts(story.wait(days=7)) == [first, "last"]


@pytest.mark.parametrize("arm", ["fast", "slow"])
def test_both_arms_count_from_the_same_moment(arm: str) -> None:
    story = deal(of_stage(TEXTS, before=PACE), arm)

    assert exposures(story) == [("pace", arm, "hello")]
    assert (story.last(e.ExperimentExposed).at, story.last(e.ExperimentExposed).stage) == (story.now, "selling")
    assert exposures(story.wait(days=20)) == [("pace", arm, "hello")]


def test_a_deal_whose_arm_decides_nothing_is_not_exposed() -> None:
    rules = of_stage(
        "- {name: hello, on: entered, do: [{after: 1bd, email: short, if: {experiment.pace: fast, deal.score: 3}}]}",
        before=PACE,
    )

    assert exposures(deal(rules, "fast").wait(days=5)) == []
    assert exposures(deal(rules, "slow", score=3).wait(days=5)) == [("pace", "slow", "hello")]


def test_a_whole_cadence_may_depend_on_the_arm() -> None:
    rules = of_stage(
        """
        - {name: quick, on: note_added, if: {experiment.pace: fast}, do: [{email: short}]}
        - {name: patient, on: note_added, unless: {experiment.pace: fast}, do: [{email: long}]}
        """.replace("\n        ", "\n"),
        before=PACE,
    )
    story = deal(rules, "slow")
    assert exposures(story) == []

    story.tell("note_added", text="They called")

    assert (texts(story), exposures(story)) == (["long"], [("pace", "slow", "quick")])


def test_a_play_that_would_not_begin_anyway_exposes_nobody() -> None:
    rules = of_stage(
        """
        - {name: quick, on: note_added, if: {experiment.pace: fast}, until: opted_out, do: [{email: short}]}
        """.replace("\n        ", "\n"),
        before=PACE,
    )
    story = deal(rules, "fast")
    story.tell("opted_out", contact="ana", at="2026-03-02T10:00:00Z")

    story.tell("note_added", text="Before that", at="2026-03-02T09:00:00Z")

    assert exposures(story) == []


@pytest.mark.parametrize(("arm", "stage"), [("fast", "second"), ("slow", "first")])
def test_when_a_stage_is_left_may_depend_on_the_arm(arm: str, stage: str) -> None:
    rules = playbook(
        PACE
        + """
stages:
  - name: first
    owner: rep
    leave_when: [demo_held, {all: [buying_signal_seen, {experiment.pace: fast}]}]
  - {name: second, owner: rep}
"""
    )
    story = deal(rules, arm)

    story.tell("buying_signal_seen", signal="pricing")

    assert (story.stage, exposures(story)) == (stage, [("pace", arm, None)])


@pytest.mark.parametrize(("arm", "due"), [("fast", "2026-03-02 11:00"), ("slow", "2026-03-04 10:00")])
def test_the_deadline_of_a_task_may_depend_on_the_arm(arm: str, due: str) -> None:
    due_ = "due: [{if: {experiment.pace: fast}, within: 1bh}, {within: 2bd}]"
    story = deal(of_stage(f"- {{name: ask, on: entered, do: [{{task: call, {due_}}}]}}", before=PACE), arm)

    assert (f"{story.task('call').due_at:%Y-%m-%d %H:%M}", exposures(story)) == (due, [("pace", arm, "ask")])


def test_changed_weights_move_no_deal_that_was_exposed() -> None:
    story = deal(of_stage(TEXTS, before=PACE), "slow")
    changed = of_stage(TEXTS, before=PACE.replace("slow: 1", "slow: 0"))
    story.offers[changed.playbook] = ("b" * 64, changed)

    assert story.order("adopt_playbook", playbook=changed.playbook, why="fewer").accepted
    story.rules = changed

    assert texts(story.wait(days=9)) == ["long", "last"]
    assert exposures(story) == [("pace", "slow", "hello")]


def test_every_touch_says_the_arms_of_its_deal() -> None:
    story = deal(of_stage(TEXTS, before=PACE), "fast").wait(days=9)

    started = [one for one in story.entries if isinstance(one, e.EffectStarted) and one.does == "send_email"]
    assert [(one.template, one.arms) for one in started] == [("short", {"pace": "fast"}), ("last", {"pace": "fast"})]


def test_a_message_from_before_the_exposure_says_no_arm() -> None:
    rules = of_stage(
        """
        - name: hello
          on: entered
          do: [{email: first}, {after: 1bd, email: second, if: [opted_out, {experiment.pace: fast}]}]
        """.replace("\n        ", "\n"),
        before=PACE,
    )
    story = deal(rules, "fast").wait(days=2)

    started = [one for one in story.entries if isinstance(one, e.EffectStarted) and one.does == "send_email"]
    assert [(one.template, one.arms) for one in started] == [("first", None), ("second", {"pace": "fast"})]


def test_the_snapshot_says_the_arms_of_a_deal() -> None:
    assert snapshot_of(deal(of_stage(TEXTS, before=PACE), "fast").state).arms == {"pace": "fast"}
