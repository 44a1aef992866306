"""Policies about dates: a message that comes earlier or later than a date allows."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from dealwright.deal import Contract, Deal
from dealwright.entries import TaskOpened
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_playbook
from dealwright.state import DealState
from dealwright.state.runs import ActivePause
from dealwright.yaml.document import read_yaml
from simulation.policies.reading import check_policies, read_policies
from simulation.policies.tracker import Heard, Tracker
from simulation.policies.trackers import tracker_of
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


def test_what_has_not_happened_by_its_time_is_told_with_the_day() -> None:
    tried, story = findings("always: {task: talk_renewal, by: {before: contract.ends_on, by: 100d}}")

    assert tried > 0
    assert re.fullmatch(
        r"no task talk_renewal by \w{3} \d\d \w{3} \d{4} \d\d:\d\d, 100d before contract.ends_on", story[0]
    )
    assert len(story) <= 4


def test_what_has_happened_by_its_time_breaks_nothing() -> None:
    tried, story = findings("always: {task: talk_renewal, by: {before: contract.ends_on, by: 80d}}")

    assert (tried > 0, story) == (True, [])


ENDS = date(2027, 3, 1)
SIGNED, IN_TIME, TOO_LATE, OVER = (
    datetime(year, month, day, 10, tzinfo=UTC)
    for year, month, day in ((2026, 3, 2), (2026, 12, 1), (2027, 2, 1), (2027, 4, 1))
)


def with_term(term: str, ends_on: date = ENDS) -> DealState:
    return DealState(deal=Deal(id="acme", contract=Contract(ends_on=ends_on)), focus={"contract": term})


def by_sixty_days_before_the_end(what: str = "task: any", more: str = "") -> Tracker:
    text = f"- name: one\n  always: {{{what}, by: {{before: contract.ends_on, by: 60d}}{more}}}"
    (at,) = read_policies(text, RULES)
    return tracker_of(at.policy, RULES)


def done(tracker: Tracker, at: datetime, state: DealState) -> None:
    opened = TaskOpened(at=at, task="t", title="Talk", name="talk_renewal", role="rep", due_at=at)
    tracker.hear(Heard(Happening(at, 1, "task", "talk_renewal"), opened, state))


@pytest.mark.parametrize(("at", "broken"), [(IN_TIME, False), (TOO_LATE, True), (None, True)])
def test_it_counts_when_it_happened(at: datetime | None, broken: bool) -> None:
    tracker, state = by_sixty_days_before_the_end(), with_term("1")

    tracker.decided(state, SIGNED)
    if at is not None:
        done(tracker, at, state)
    tracker.ended(state, OVER)

    assert (tracker.tried, tracker.broken is not None) == (True, broken)


def test_what_excuses_it() -> None:
    for excuse, broken in (("", True), (", unless: {task: talk_renewal}", False)):
        tracker, state = by_sixty_days_before_the_end("task: prepare_demo", excuse), with_term("1")
        tracker.decided(state, SIGNED)
        done(tracker, IN_TIME, state)
        tracker.ended(state, OVER)

        assert (tracker.broken is not None) is broken


def test_a_date_that_is_learned_too_late_asks_for_nothing() -> None:
    tracker, state = by_sixty_days_before_the_end(), with_term("1")

    tracker.decided(state, TOO_LATE)
    tracker.ended(state, OVER)

    assert (tracker.tried, tracker.broken) == (False, None)


def test_a_pause_and_the_end_of_the_deal_excuse() -> None:
    for change in ({"closed_at": IN_TIME}, {"pause": ActivePause(since=SIGNED, review_at=OVER)}):
        tracker, state = by_sixty_days_before_the_end(), with_term("1")
        tracker.decided(state, SIGNED)
        tracker.decided(state.model_copy(update=change), IN_TIME)
        tracker.ended(state, OVER)

        assert (tracker.tried, tracker.broken) == (False, None)


def test_the_next_term_asks_for_it_anew() -> None:
    tracker, first, second = by_sixty_days_before_the_end(), with_term("1"), with_term("2", date(2028, 3, 1))

    tracker.decided(first, SIGNED)
    done(tracker, IN_TIME, first)
    tracker.decided(second, datetime(2026, 12, 15, tzinfo=UTC))  # renewed before the first time came
    tracker.ended(second, datetime(2028, 3, 1, tzinfo=UTC))

    assert tracker.broken is not None
    assert tracker.broken.why == "no task any by Mon 03 Jan 2028 09:00, 60d before contract.ends_on"


@pytest.mark.parametrize("beside", ["after: demo_booked", "within: 2d"])
def test_by_stands_alone(beside: str) -> None:
    text = f"- name: one\n  always: {{task: talk_renewal, by: {{before: contract.ends_on}}, {beside}}}"
    (found,) = map(str, check_policies(text, RULES))

    assert "says nothing beside by" in found


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
