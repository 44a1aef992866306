"""Experiments in a playbook: what is wrong with them, or with what asks for them, is told with its place."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import PLAYBOOK, TEMPLATES, with_change

DECLARED = "experiments: {pace: {arms: {slow: 1, fast: 2}, summary: How long we wait}, 'off': {arms: {a: 1, b: 1}}}\n"


def told(declared: str, if_: str = "{deal.source: outbound}", change: tuple[str, str] | None = None) -> list[str]:
    text = with_change("{deal.source: outbound}", if_) + declared
    if change is not None:
        assert change[0] in text
        text = text.replace(*change)
    return [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]


@pytest.mark.parametrize("if_", ["fast", "{in: [slow, fast]}", "{not_in: [slow]}"])
def test_conditions_may_ask_for_an_arm(if_: str) -> None:
    assert told("experiments: {pace: {arms: {slow: 1, fast: 2, mid: 1}}}\n", f"{{experiment.pace: {if_}}}") == []


@pytest.mark.parametrize(
    ("if_", "mistake"),
    [
        ("{experiment.pase: fast}", "'experiment.pase' is no experiment of this playbook. Did you mean 'experiment.p"),
        ("{experiment.pace: fst}", "'experiment.pace' is never 'fst'. Did you mean 'fast'?"),
        ("{experiment.pace: {gte: fast}}", "'experiment.pace' has no order that 'gte' could ask for"),
        ("{all: [{experiment.pace: fast}, {experiment.pace: slow}]}", "'experiment.pace' has one value at a time"),
        ("{experiment.pace: {known: true}}", "Every deal has an arm, so that this says nothing"),
    ],
)  # fmt: skip
def test_a_condition_that_asks_for_no_arm_is_told_with_what_was_meant(if_: str, mistake: str) -> None:
    found = told(DECLARED, if_)
    assert [one for one in found if "stages[0].plays[0].if" in one and mistake in one], found


@pytest.mark.parametrize(
    ("declared", "mistake"),
    [
        ("experiments: {pace: {arms: {slow: 1}}}", "experiments.pace: One arm alone is compared with nothing"),
        ("experiments: {pace: {}}", "'arms' is missing. Write two or more, each with its weight"),
        ("experiments: {pace: {arms: {slow: 0, fast: 0}}}", "No arm has a weight, so that no deal gets one"),
        (
            "experiments: {pace: {arms: {slow: -1, fast: 1}}}",
            "experiments.pace.arms.slow: -1 is too small. Write 0 or more",
        ),
        ("experiments: {Pace: {arms: {slow: 1, fast: 1}}}", "'Pace' is no name. Write pace"),
    ],
)
def test_an_experiment_that_spreads_nothing_is_an_error(declared: str, mistake: str) -> None:
    found = told(declared + "\n")
    assert any(mistake in one for one in found), found


def test_an_experiment_that_is_wrong_is_told_once_and_not_again_where_it_is_asked_for() -> None:
    (said,) = told("experiments: {pace: {arms: {slow: 1}}}\n", "{experiment.pace: slow}")
    assert "experiments.pace: One arm alone" in said


def test_an_experiment_that_nothing_asks_for_is_a_warning() -> None:
    found = told(DECLARED, "{experiment.pace: fast}")
    assert [one for one in found if "No condition asks for the experiment 'off'" in one]


def test_an_experiment_with_one_arm_left_is_a_warning() -> None:
    found = told("experiments: {pace: {arms: {slow: 0, fast: 2}}}\n", "{experiment.pace: fast}")
    assert ["Every new deal gets 'fast': nothing is compared any more" in one for one in found] == [True]


def test_a_step_of_one_arm_without_the_time_of_the_other_is_a_warning() -> None:
    change = (
        "- {after: 2bd, task: call,",
        """- {after: 2bd, email: hello, if: {experiment.pace: fast}}
          - {if: {experiment.pace: slow}, task: call,""",
    )
    found = told("experiments: {pace: {arms: {slow: 1, fast: 2}}}\n", change=change)
    assert ["Deals of this arm get this at once" in one and "after: 2bd here too" in one for one in found] == [True]


def test_messages_of_two_arms_are_counted_apart_by_the_check_of_limits() -> None:
    steps = "- {email: hello}\n          - {if: {experiment.text: plain}, after: 1h, email: hello}\n          "
    steps += "- {if: {experiment.text: warm}, after: 1h, email: hello}\n          - {after: 1h, email: hello"
    declared = "experiments: {text: {arms: {plain: 1, warm: 1}}}\n"
    text = declared + PLAYBOOK.replace("- {email: hello", steps, 1)

    def told(most: int) -> list[str]:
        files = {"playbook.yaml": text.replace("max: 3", f"max: {most}"), **TEMPLATES}
        return [one for one in map(str, check_bundle(files)) if "touches_per_contact" in one]

    assert told(3) == []
    assert "this is message 3 within 7d" in told(2)[0].casefold()
