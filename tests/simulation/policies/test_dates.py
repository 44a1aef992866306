"""Policies about dates: a message that comes earlier or later than a date allows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dealwright.deal import Contract, Deal
from dealwright.entries import TaskOpened
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_playbook
from dealwright.state import DealState
from dealwright.yaml.document import read_yaml
from simulation.policies.reading import check_policies, read_policies
from simulation.policies.trackers import Heard, tracker_of
from simulation.proving.prover import Prover
from simulation.timeline.happening import Happening
from simulation.timeline.rules import Rules

TEXT = """\
playbook: dated
roles: {rep: {title: Rep}}
fields: {trial_ends_on: date, seats: number}
ends: [{when: deal_lost, as: lost}]
stages:
  - name: talks
    owner: rep
    plays:
      - {name: renew, on: {before: contract.ends_on, by: 90d}, do: [{task: talk_renewal}]}
      - {name: ask, on: demo_booked, do: [{task: prepare_demo}]}
"""
RULES = load_playbook(TEXT)


def findings(policy: str, rules: Playbook = RULES, lives: int = 60) -> tuple[int, list[str]]:
    """In how many lives a policy is broken, and the shortest story of it."""
    at = read_policies(f"- name: one\n  {policy}", rules)
    prover = Prover(rules, Rules(rules, read_yaml(TEXT, "playbook.yaml")), at, seed=1)
    while prover.lives < lives and not prover.findings[0].broken_in:
        prover.live_one()
    prover.tell_stories()
    (found,) = prover.findings
    return found.tried_in, [] if found.story is None else [found.story.why, *(step.text for step in found.story.steps)]


def test_what_comes_earlier_than_its_date_allows_is_told_with_the_date() -> None:
    _, story = findings("never: {task: talk_renewal, earlier_than: {before: contract.ends_on, by: 60d}}")

    assert story[0] == "task talk_renewal comes earlier than 60d before contract.ends_on"
    assert any("contract_" in step for step in story)


def test_what_comes_when_its_date_allows_breaks_nothing() -> None:
    tried, story = findings("never: {task: talk_renewal, earlier_than: {before: contract.ends_on, by: 91d}}")

    assert (tried > 0, story) == (True, [])


def test_what_comes_later_than_its_date_allows() -> None:
    _, story = findings("never: {task: talk_renewal, later_than: {before: contract.ends_on, by: 120d}}")

    assert story[0] == "task talk_renewal comes later than 120d before contract.ends_on"


def test_while_its_date_is_not_known_nothing_is_broken() -> None:
    (at,) = read_policies("- name: one\n  never: {task: any, later_than: {before: contract.ends_on, by: 1d}}", RULES)
    tracker, now = tracker_of(at.policy, RULES), datetime(2026, 3, 2, 10, tzinfo=UTC)
    opened = TaskOpened(at=now, task="t", title="Prepare", name="prepare_demo", role="rep", due_at=now)
    happening = Happening(now, 1, "task", "prepare_demo")

    for ends_on, broken in ((None, False), (date(2026, 1, 31), True)):
        contract = Contract(ends_on=ends_on) if ends_on is not None else None
        tracker.hear(Heard(happening, opened, DealState(deal=Deal(id="acme", contract=contract))))
        assert (tracker.broken is not None) is broken


@pytest.mark.parametrize(
    ("time", "mistake"),
    [
        (
            "{before: contract.end_on, by: 1d}",
            "'contract.end_on' is no date of a deal. Did you mean 'contract.ends_on'?",
        ),
        ("{before: fields.seats, by: 1d}", "'fields.seats' is no date"),
        ("{by: 1d}", "the time has no side"),
        ("120d", "earlier_than"),
    ],
)
def test_a_time_that_cannot_be_reckoned_is_told(time: str, mistake: str) -> None:
    text = f"- name: one\n  never: {{task: talk_renewal, earlier_than: {time}}}"
    (found,) = map(str, check_policies(text, RULES))

    assert mistake.casefold() in found.casefold()


def test_a_date_that_the_playbook_declares_counts_as_any() -> None:
    text = "- name: one\n  never: {task: talk_renewal, later_than: {after: fields.trial_ends_on, by: 2bd}}"

    assert check_policies(text, RULES) == ()
