"""Scores and levels: points for what is so and for what happened, fading with time, each explained."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from dealwright import entries as e
from dealwright.views.details_markdown import page_of
from dealwright.views.snapshot import agenda_of, snapshot_of
from tests.dealwright.story import Story, of_stage, playbook

SCORES = """
signals: [pricing_page, invite, job_post]
scores:
  fit:
    points:
      - {if: {account.employees: {gte: 50}}, give: 20, why: big enough}
      - {if: {account.industry: software}, give: 30}
      - {if: opted_out, give: -60}
    max: 45
  intent:
    half_life: 10d
    points:
      - {for: {buying_signal_seen: pricing_page}, give: 20, at_most: 50}
      - {for: {reply_received: interested}, give: 40, why: wants to talk}
levels:
  mql: {scores.fit: {gte: 20}, scores.intent: {gte: 20}}
  sql: {all: [mql, {scores.intent: {gte: 60}}]}
"""
RULES = of_stage(
    """
- {name: call-soon, on: {level_reached: sql}, do: [{task: call}]}
- {name: cold, on: {level_lost: mql}, do: [{notify: rep, text: Went cold}]}
""",
    before=SCORES,
)
BIG = {"id": "acme", "name": "Acme", "employees": 80}


def score(story: Story, name: str) -> int:
    standing = story.state.scores.get(name)
    return standing.value if standing else 0


def read_pricing(story: Story, at: str) -> None:
    story.tell("buying_signal_seen", signal="pricing_page", at=f"{at}Z")


def lines(story: Story) -> list[str]:
    kinds = (e.ScoreWorkedOut, e.LevelChanged)
    return [entry.sentence() for entry in story.entries if isinstance(entry, kinds)]


def test_points_are_given_as_long_as_a_condition_is_true() -> None:
    story = Story(RULES)
    assert score(story, "fit") == 0

    story.tell("account_researched", account=BIG)
    assert score(story, "fit") == 20

    story.tell("account_researched", account={**BIG, "employees": 10}, at="2026-03-02T10:00:00Z")
    assert score(story, "fit") == 0


def test_a_score_is_never_above_its_highest_nor_below_nothing() -> None:
    story = Story(RULES, account={**BIG, "industry": "software"})
    assert score(story, "fit") == 45

    story.tell("opted_out")
    assert score(story, "fit") == 0


def test_each_point_is_explained_in_the_story() -> None:
    story = Story(RULES, account=BIG)
    story.tell("buying_signal_seen", signal="pricing_page")
    story.tell("account_researched", account={**BIG, "employees": 10})

    assert lines(story) == [
        "Score fit is 20: +20 big enough",
        "Score intent is 20: +20 buying signal seen: pricing_page (2026-03-02)",
        "Level mql reached (fit 20, intent 20)",
        "Score fit is 0: no longer +20 big enough",
        "Level mql lost (fit 0, intent 20)",
    ]


@pytest.mark.parametrize(("days", "left"), [(0, 40), (5, 30), (10, 20), (15, 15), (20, 10), (100, 0)])
def test_half_of_the_points_for_what_happened_is_left_after_a_half_life(days: int, left: int) -> None:
    story = Story(RULES)
    rules = story.rules.scores["intent"]
    story.tell("reply_received", sentiment="interested")

    points = story.state.scores["intent"].points
    assert rules.value(points, story.now + timedelta(days=days)) == left


def test_for_all_times_together_no_more_is_given_than_at_most_and_the_last_times_count_first() -> None:
    story = Story(RULES, at="2026-03-01 10:00").until("2026-03-05 10:00")
    for day in (2, 3, 4, 1):
        read_pricing(story, f"2026-03-0{day}T10:00:00")

    given = [(one.give, one.at.day if one.at else None) for one in story.state.scores["intent"].points]
    assert given == [(20, 4), (20, 3), (10, 2)]


@pytest.mark.parametrize("order", sorted(permutations((1, 2, 3))))
def test_the_order_in_which_signals_arrive_changes_no_score(order: tuple[int, ...]) -> None:
    story = Story(RULES, at="2026-03-01 10:00").until("2026-03-05 10:00")
    for day in order:
        read_pricing(story, f"2026-03-0{day}T10:00:00")
    expected = Story(RULES, at="2026-03-01 10:00").until("2026-03-05 10:00")
    for day in (1, 2, 3):
        read_pricing(expected, f"2026-03-0{day}T10:00:00")

    assert story.state.scores["intent"].points == expected.state.scores["intent"].points
    assert score(story, "intent") == score(expected, "intent")


def test_a_signal_that_is_told_twice_or_taken_back_gives_no_points() -> None:
    story = Story(RULES)
    read_pricing(story, "2026-03-02T09:00:00")
    read_pricing(story, "2026-03-02T09:00:00")
    assert score(story, "intent") == 20

    story.tell("fact_retracted", retracts="buying_signal_seen")
    assert score(story, "intent") == 0


def test_a_level_starts_a_play_once_it_is_reached() -> None:
    story = Story(RULES, account=BIG)
    story.tell("reply_received", sentiment="interested")
    assert not story.tasks

    story.tell("buying_signal_seen", signal="pricing_page")
    story.wait(hours=1).tell("buying_signal_seen", signal="pricing_page")
    assert list(story.tasks) == ["call"]
    assert sum(isinstance(entry, e.PlayStarted) for entry in story.entries) == 1


def test_a_level_is_lost_at_the_moment_in_which_its_points_have_faded() -> None:
    story = Story(RULES, account=BIG)
    story.tell("reply_received", sentiment="interested")
    assert list(story.state.levels) == ["mql"]

    story.until("2026-03-12 21:00")
    assert list(story.state.levels) == ["mql"]
    story.until("2026-03-13 00:00")  # 19.5 points are left, and 19.4 soon after
    assert list(story.state.levels) == []
    assert "Score intent is 19: faded from 40" in lines(story)


def test_a_level_is_lost_in_a_pause_at_the_same_moment() -> None:
    story = Story(RULES, account=BIG)
    story.tell("reply_received", sentiment="interested")
    story.order("pause", why="holidays")

    story.until("2026-03-13 00:00")
    assert list(story.state.levels) == []
    assert story.told == []
    story.order("resume")
    assert story.told == ["rep: Went cold"]


@pytest.mark.parametrize("pauses", [False, True])
def test_points_by_a_date_come_and_go_at_their_time(pauses: bool) -> None:
    urgent = """
fields: {trial_ends_on: date}
scores:
  urgency: {points: [{if: {fields.trial_ends_on: {within: 10d}}, give: 20}]}
levels: {hot: {scores.urgency: {gte: 20}}}
"""
    rules = of_stage("- {name: hurry, on: {level_reached: hot}, do: [{notify: rep, text: Hurry}]}", before=urgent)
    story = Story(rules, fields={"trial_ends_on": "2026-03-20"})
    if pauses:
        story.order("pause", why="holidays")

    story.until("2026-03-25 10:00")
    assert [(f"{one.at:%d %H:%M}", one.reached) for one in story.noted(e.LevelChanged)] == [
        ("10 00:00", True),
        ("21 00:00", False),
    ]


def test_points_by_a_date_that_nothing_asks_for_wake_no_deal() -> None:
    urgent = """
fields: {trial_ends_on: date}
scores:
  urgency: {points: [{if: {fields.trial_ends_on: {within: 10d}}, give: 20}]}
"""
    rules = of_stage("- {name: hear, on: note_added, do: [{notify: rep, text: A note}]}", before=urgent)
    story = Story(rules)
    story.order("pause", why="holidays")
    before = story.decision.wake_at

    story.tell("fields_learned", fields={"trial_ends_on": "2026-03-20"})
    assert story.decision.wake_at == before


def test_a_stage_is_left_for_a_level_and_conditions_ask_for_a_score() -> None:
    rules = playbook(
        f"""{SCORES}
stages:
  - {{name: new, owner: rep, leave_when: mql}}
  - name: working
    owner: rep
    leave_when: {{not: {{scores.intent: {{gte: 30}}}}}}
  - {{name: resting, owner: rep}}
"""
    )
    story = Story(rules, account=BIG)
    story.tell("reply_received", sentiment="interested")
    assert story.state.stage == "working"

    story.until("2026-03-08 10:00")
    assert story.state.stage == "resting"


def test_what_it_waits_for_while_points_fade_is_shown() -> None:
    story = Story(RULES, account=BIG)
    story.tell("reply_received", sentiment="interested")

    assert "Score intent is worked out again" in [each.what for each in agenda_of(story.state)]


def test_a_score_that_nothing_asks_for_wakes_no_deal() -> None:
    story = Story(
        of_stage(
            "- {name: hear, on: reply_received, do: [{notify: rep, text: Hello}]}",
            before=SCORES[: SCORES.index("levels")],
        )
    )
    story.tell("reply_received", sentiment="interested")

    assert story.state.scores["intent"].falls_at is None


def test_decay_never_raises_a_score() -> None:
    story = Story(RULES)
    for hour, fact in enumerate(("pricing_page", "pricing_page", "pricing_page")):
        story.wait(hours=hour).tell("buying_signal_seen", signal=fact)
    rules, points = story.rules.scores["intent"], story.state.scores["intent"].points

    values = [rules.value(points, story.now + timedelta(hours=7 * n)) for n in range(400)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == 0


def test_people_read_scores_levels_and_each_point() -> None:
    story = Story(RULES, account=BIG)
    story.tell("reply_received", sentiment="interested")
    seen = snapshot_of(story.state)

    assert (seen.scores, seen.levels) == ({"fit": 20, "intent": 40}, ("mql",))
    assert seen.score_points == ("fit +20 big enough", "intent +40 wants to talk (2026-03-02)")
    assert "- intent 40 on" in page_of(story.state)
