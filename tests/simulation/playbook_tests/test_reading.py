"""Mistakes in files of tests, each with its line and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest
import yaml

from dealwright.yaml.document import read_yaml
from simulation.playbook_tests.judging import judge
from simulation.playbook_tests.reading import check_tests, read_tests
from simulation.playbook_tests.running import live
from tests.simulation.playbook_tests.tiny import RULES, mistakes

NO_TIME = "'demo_held' has no time. Write {+2bd: demo_held}, or {2026-03-02: demo_held}."
NO_COMMAND = "'complete_task' is a command, which somebody gives at some time. Write it under when."
NOTHING_ELSE = "This says email and task. Write each for itself, in a list."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gven: {}", "gven: 'gven' is no key here. Did you mean 'given'?"),
        ("given: {sorce: x}", "given.sorce: 'sorce' is nothing that a deal has, and no fact. Did you mean 'source'?"),
        ("given: {in: frist}", "given.in: There is no stage 'frist'. Did you mean 'first'?"),
        ("given: {complete_task: call}", f"given.complete_task: {NO_COMMAND}"),
        ("given: {score: high}", "given.score: A text stands where a number is wanted."),
        ("when: [demo_held]", "when[0]: 'demo_held' has no time."),
        ("when: [{demo_held: }]", f"when[0].demo_held: {NO_TIME}"),
        ("when: [{+2 days: demo_held}]", "when[0].+2 days: '2 days' is not a duration. Write 2d."),
        ("when: [{+1d: demo_hld}]", "when[0].+1d: 'demo_hld' is no fact and no command. Did you mean 'demo_held'?"),
        ("when: [{+1d: {demo_booked: {link: x}}}]", "when[0].+1d.demo_booked.starts_at: 'starts_at' is missing."),
        ("when: [{+1d: {complete_task: cal}}]", "when[0].+1d.complete_task: There is no task 'cal'."),
        ("when: [{2026-02-01: demo_held}]", "when[0].2026-02-01: 2026-02-01 is before 2026-03-02 09:00,"),
        ("then: {email: helo}", "then.email: There is no template 'helo'. Did you mean 'hello'?"),
        ("then: {emial: hello}", "then.emial: 'emial' is no fact or event, and nothing that a play does. Did you mean"),
        ("then: {email: hello, bye: 2026-03-05}", "then.bye: 'bye' is no key here. Did you mean 'by'?"),
        ("then: {email: hello, times: 0}", "then.times: 0 is no number of times."),
        ("then: {by 2026-02-30: {email: hello}}", "then.by 2026-02-30: There is no 2026-02-30 in the calendar."),
        ("then: {email: hello, task: call}", f"then: {NOTHING_ELSE}"),
        ("then: {email: hello, by: demo_held}", "then.by: 'demo_held' is no point in time. Write after: or before:"),
        (
            "then: {in_order: [{email: hello, by: 2026-03-03}, {task: call}]}",
            "then.in_order[0].by: 'by' is no key here.",
        ),
        ("given: {usage_reported: {helth: 3}}", "given.usage_reported.health: 'health' is missing."),
        ("given: {contract_signed: 3}", "given.contract_signed: 3 says nothing about 'contract_signed'."),
        ("then: {in_order: {email: hello}}", "then.in_order: An order is of several things."),
        ("then: {never: {stage: third}}", "then.never.stage: There is no stage 'third'."),
        ("then: {email: hello, after: demo_hld}", "then.after: 'demo_hld' is no fact or event"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(text: str, said: str) -> None:
    then = "" if text.startswith("then:") else "  then: {email: hello}\n"

    wrong, *_ = mistakes(f"  {text}\n{then}")

    assert wrong.startswith(f"tests.yaml:2: [0].{said}")


def test_a_test_without_a_promise_is_told() -> None:
    (wrong,) = mistakes("  given: {}")
    assert wrong == "tests.yaml:1: [0].then: 'then' is missing. Write what must follow, as then: {email: welcome}."


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = "- name: one\n  then: {email: helo}\n- name: two\n  when: [{+1d: demo_hld}]\n  then: {stage: x}\n"
    assert [one.location and one.location.line for one in check_tests(text, RULES)] == [2, 4]


def test_two_tests_of_one_name_are_told() -> None:
    (wrong,) = check_tests("- {name: it, then: demo_held}\n- {name: it, then: demo_held}\n", RULES)
    assert str(wrong) == "tests.yaml:2: [1].name: There is already a test 'it'. Give it another name."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "tests.yaml:1: The file of tests is empty. Begin with - name:"),
        ("name: it", "tests.yaml:1: The file of tests is no list. Begin with - name:"),
        ("- name: [", "tests.yaml:1: This is no YAML"),
    ],
)
def test_what_is_no_file_of_tests_is_told(text: str, said: str) -> None:
    (wrong,) = check_tests(text, RULES)
    assert str(wrong).startswith(said)


def test_names_are_not_looked_up_in_a_playbook_that_cannot_be_read() -> None:
    assert check_tests("- {name: it, then: {email: helo}}", None) == ()


PARTS: tuple[object, ...] = (
    None, True, 0, -1, "", "any", "never", "demo_held", "+2bd", "+99999bd", "2026-02-30", "9999-12-31", "email", [],
    "\0", [None], {}, {"email": None}, {"never": {"never": {"email": "any"}}}, {"by x": 1}, {"a": {"b": [1]}},
    {"demo_held": {"at": "+1d"}}, ["demo_held", {"pause": "+3d"}], {"complete_task": "call"},
)  # fmt: skip
WHOLE = """
- name: it
  given: {at: 2026-01-05, source: any, amount: {amount: 5, currency: EUR}, demo_booked: {starts_at: 2026-03-05 10:00}}
  when: [{+1d: {complete_task: call}}, {2026-03-05: [demo_held, {discount_requested: 20}]}]
  then: [{email: hello, by: +1d, times: 1}, {never: {closed: lost}}, {in_order: [demo_held, demo_held]}]
"""


def broken(random: Random) -> object:
    """The file with a part or two that somebody took out, renamed, or wrote something else for."""
    data = read_yaml(WHOLE, "tests.yaml").data
    for _ in range(random.choice((1, 1, 2))):
        around, key = random.choice(list(parts_of(data)))
        kept = around.pop(key)
        if isinstance(around, dict) and random.random() < 0.3:
            around[str(random.choice((*PARTS, "in", "then", "task")))] = kept
        elif isinstance(around, dict) and random.random() < 0.7:
            around[str(key)] = deepcopy(random.choice(PARTS))
        elif isinstance(around, list):
            around.append(deepcopy(random.choice(PARTS)))
    return data


def parts_of(data: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
    for key in keys:
        yield data, key
        yield from parts_of(data[key])


@pytest.mark.parametrize("seed", range(80))
def test_any_file_is_refused_with_its_lines_or_run(seed: int) -> None:
    text = yaml.safe_dump(broken(Random(seed)), allow_unicode=True)

    found = check_tests(text, RULES)

    assert all(one.location is not None and str(one) for one in found)
    for written in () if found else read_tests(text, RULES):
        judge(written.test, live(written.test, RULES), RULES)
