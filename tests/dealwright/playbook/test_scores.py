"""What the check says of scores and levels."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from dealwright.playbook.loading import check_bundle

FILE = """playbook: small
roles: {rep: {}}
signals: [pricing_page, invite]
scores:
  fit: {points: [{if: {account.employees: {gte: 50}}, give: 20}], max: 40}
  intent: {half_life: 14d, points: [{for: {buying_signal_seen: pricing_page}, give: 15, at_most: 30}]}
levels:
  mql: {scores.fit: {gte: 20}, scores.intent: {gte: 15}}
  sql: {all: [mql, {scores.intent: {gte: 30}}]}
ends: [{when: deal_lost, as: lost}]
stages:
  - {name: new, owner: rep, leave_when: mql}
  - {name: talking, owner: rep, leave_when: demo_held, plays: [{name: x, on: {level_reached: sql}, do: [{task: call}]}]}
  - {name: done, owner: rep}
"""


def found(old: str = "", new: str = "") -> list[str]:
    assert old in FILE
    return [f"{one.severity} {one}" for one in check_bundle({"playbook.yaml": FILE.replace(old, new) if old else FILE})]


def test_scores_and_levels_that_can_be_are_sound() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("{buying_signal_seen: pricing_page}", "{buying_signal_seen: pricing_pages}", "error *'pricing_pages'*"),
        ("leave_when: mql", "leave_when: mqls", "error *Did you mean 'mql'?*"),
        ("{level_reached: sql}", "{level_reached: sqll}", "error *there is no level 'sqll'*"),
        ("scores.fit: {gte: 20}", "scores.fitt: {gte: 20}", "error *Did you mean 'scores.fit'?*"),
        ("all: [mql,", "all: [sql,", "error *asks for 'sql', which is not above it*"),
        ("  mql:", "  mql_:", "error *no name of a level*"),
        ("  sql: {", "  stalled: demo_held\n  sql: {", "error *'stalled' means something else*"),
        ("give: 15, at_most: 30", "give: -15", "error *would come back as they fade*"),
        ("give: 15, at_most: 30", "give: 0", "error *gives no points*"),
        ("give: 15, at_most: 30", "give: 15, at_most: 10", "error *less than what one time gives*"),
        ("give: 20}", "give: 20, at_most: 30}", "error *at_most says nothing here*"),
        ("half_life: 14d", "half_life: 2bd", "error *is no half-life*"),
        ("for: {buying_signal_seen: pricing_page}", "for: {email_sent: hello}", "error *only facts are counted*"),
        ("if: {account.employees: {gte: 50}}", "if: mql", "error *which are made of points*"),
        ("if: {account.employees: {gte: 50}}", "if: {scores.intent: {gte: 1}}", "error *which are made of points*"),
        ("for: {buying", "if: demo_held, for: {buying", "error *two causes*"),
        ("scores.fit: {gte: 20}", "scores.fit: {gte: {path: deal.score}}", "error *compare it with a number*"),
        ("scores.fit: {gte: 20}", "scores.fit: {gte: 21}", "warning *'scores.fit' is a whole number from 0 to 20*"),
        ("scores.intent: {gte: 30}", "scores.intent: {gt: 30}", "warning *from 0 to 30*"),
        ("scores.fit: {gte: 20}", "demo_held: [x]", "error *"),
        ("mql: {scores.fit: {gte: 20}, ", "mql: {", "warning *nothing asks for the score 'fit'*"),
    ],
)
def test_a_score_or_level_that_cannot_be_is_told(old: str, new: str, why: str) -> None:
    assert [one for one in found(old, new) if fnmatchcase(one.lower(), why.lower())], found(old, new)


def test_a_stage_that_goes_back_by_a_level_may_go_round() -> None:
    assert [one for one in found("leave_when: demo_held", "leave_when: mql, to: new") if "left at once" in one]
