"""Ends whose time was over before anybody could be asked: people get the time that the play gives, from then on."""

from __future__ import annotations

import pytest

from dealwright.playbook.language.model import Playbook
from tests.dealwright.playbook.shipped_stories import PRODUCT_LED, RULES, customer, opportunity
from tests.dealwright.story import Story, of_stage

OVER = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
LAPSE = of_stage("""
- name: lapsed
  on: {after: contract.ends_on, by: 1d}
  do: [{task: ask, due: 2d}, {after: 14d, close: churned}]
""")
AT_ONCE = of_stage("- {name: lapsed, on: {after: contract.ends_on, by: 1d}, do: [{close: churned}]}")
STALE = of_stage("- {name: stale, on: demo_missed, do: [{task: ask, due: 2d}, {after: 5d, close: lost}]}")


def test_a_customer_whose_old_term_is_told_only_now_is_asked_about_and_not_gone_at_once() -> None:
    story = opportunity()

    story.tell("contract_signed", **OVER)

    assert story.outcome == "won"
    assert "renewed_or_gone" in story.tasks
    assert story.until("2026-03-15 10:00").outcome == "won"
    assert story.until("2026-03-16 10:00").outcome == "churned"


@pytest.mark.parametrize("rules", [RULES, PRODUCT_LED])
def test_a_renewal_that_is_signed_in_that_time_keeps_them(rules: Playbook) -> None:
    story = Story(rules)
    story.tell("contract_signed", **OVER)

    story.wait(days=10).tell("contract_renewed", starts_on="2026-01-01", ends_on="2026-12-31")

    assert story.wait(days=20).outcome == "won"


def test_a_term_that_is_amended_to_have_ended_a_while_ago_is_asked_about() -> None:
    story = customer().until("2026-08-20 10:00")

    story.tell("contract_amended", ends_on="2026-08-01")

    assert story.outcome == "won"
    assert "renewed_or_gone" in story.tasks


def test_nobody_is_gone_because_no_worker_looked_for_weeks() -> None:
    story = Story(LAPSE, contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"})

    story.oversleep("2026-04-06 10:00")

    assert (story.outcome, story.tasks) == (None, {"ask": "Wed 08 Apr 10:00"})
    assert story.until("2026-04-20 10:00").outcome == "churned"


def test_of_a_time_that_is_not_over_yet_the_rest_is_left() -> None:
    story = Story(LAPSE, contract={"starts_on": "2025-03-01", "ends_on": "2026-02-28"}, at="2026-03-09 10:00")

    assert story.until("2026-03-15 23:00").outcome is None
    assert story.until("2026-03-16 09:00").outcome == "churned"


def test_an_end_without_a_time_of_its_own_comes_at_once() -> None:
    assert Story(AT_ONCE, contract=OVER).outcome == "churned"


def test_what_happened_long_before_it_was_told_ends_the_deal_after_the_time_that_its_play_gives() -> None:
    story = Story(STALE)
    story.wait(days=9)

    story.tell("demo_missed", at="2026-03-03T10:00:00Z")

    assert (story.outcome, list(story.tasks)) == (None, ["ask"])
    assert story.until("2026-03-16 10:00").outcome == "lost"
