"""A test of a playbook says in which arms of its experiments the deal is."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import load_playbook
from simulation.playbook_tests.judging import judge
from simulation.playbook_tests.reading import check_tests, read_tests
from simulation.playbook_tests.running import live
from tests.simulation.playbook_tests.tiny import TEXT

RULES = load_playbook(
    TEXT.replace(
        "- {email: hello}",
        "- {email: hello, if: {experiment.text: plain}}\n          - {email: hi, unless: {experiment.text: plain}}",
    )
    + "experiments: {text: {arms: {plain: 50, warm: 1, old: 0}}, other: {arms: {a: 1, b: 1}}}\n"
)


def red(arms: str, then: str) -> list[str]:
    (written,) = read_tests(f"- name: it\n  given: {{arms: {arms}}}\n  then: {then}", RULES)
    return [one.problem for one in judge(written.test, live(written.test, RULES), RULES)]


@pytest.mark.parametrize(("arm", "gets", "never"), [("plain", "hello", "hi"), ("warm", "hi", "hello")])
@pytest.mark.parametrize("other", ["a", "b"])
def test_the_deal_is_in_the_arms_that_the_test_names(arm: str, gets: str, never: str, other: str) -> None:
    assert red(f"{{text: {arm}, other: {other}}}", f"{{email: {gets}, never: {{email: {never}}}}}") == []


@pytest.mark.parametrize(
    ("arms", "mistake"),
    [
        ("{txt: plain}", "given.arms.txt: 'txt' is no experiment of the playbook. Did you mean 'text'?"),
        ("{text: plan}", "given.arms.text: No deal gets 'plan' of 'text'. Did you mean 'plain'?"),
        ("{text: old}", "given.arms.text: No deal gets 'old' of 'text'."),
        ("plain", "given.arms: 'plain' does not say arms."),
    ],
)
def test_arms_that_no_deal_gets_are_told_with_what_was_meant(arms: str, mistake: str) -> None:
    (said,) = check_tests(f"- name: it\n  given: {{arms: {arms}}}\n  then: {{email: hi}}", RULES)
    assert mistake in str(said)
