"""What the check says of approval rules: mistakes with line and remedy, and what is hardly meant."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import BadPlaybook, check_bundle, load_playbook

TEXT = """playbook: x
roles: {rep: {reports_to: boss}, boss: {}, cfo: {}}
approvals:
  - name: desk
    rules:
      - {if: {proposal.discount: {gt: 10}}, by: [boss]}
      - RULE
stages:
  - {name: s, owner: rep, plays: [{name: p, on: entered, do: [{approval: desk}]}]}
experiments: {desk: {arms: {small: 1, large: 1}}}
"""

MISTAKES = {
    "a role that is none": (
        "{by: [bos]}",
        "approvals[0].rules[1].by[0]: There is no role 'bos'. Did you mean 'boss'?",
    ),
    "a role among several": (
        "{by: [{any_of: [cfo, bos]}]}",
        "approvals[0].rules[1].by[0].any_of[1]: There is no role 'bos'. Did you mean 'boss'?",
    ),
    "a rule that asks nobody": (
        "{if: {deal.score: {gt: 5}}, by: []}",
        "approvals[0].rules[1].by: 'by' is empty. ",
    ),
    "a rule of what happens": (
        "{if: demo_held, by: [cfo]}",
        (
            "approvals[0].rules[1].if: 'demo held' happens, and an approval is of values that people agree to. "
            "Test a value, and let a play ask for the approval when it happens."
        ),
    ),
    "a rule that time changes": (
        "{if: {contract.ends_on: {within: 30d}}, by: [cfo]}",
        "approvals[0].rules[1].if: 'contract.ends_on within the next 30d' becomes another thing with time",
    ),
    "a rule of an experiment": (
        "{if: {experiment.desk: small}, by: [cfo]}",
        (
            "approvals[0].rules[1].if: 'experiment.desk small' is an arm of an experiment, and an approval is of "
            "values that people agree to. Try it where it is asked for: if: beside approval:, one for each arm."
        ),
    ),
    "money without a currency": (
        "{if: {deal.amount: {gt: 5}}, by: [cfo]}",
        (
            "approvals[0].rules[1].if: 'deal.amount' is money, and nothing says in which currency the rule means it. "
            "Add currency: EUR beside if, or the one that is meant."
        ),
    ),
    "a currency without money": (
        "{if: {deal.score: {gt: 5}}, currency: EUR, by: [cfo]}",
        "approvals[0].rules[1].currency: The rule compares no amount with a number. Take it out.",
    ),
}
WHOLE = {
    "neither levels nor rules": (
        "name: desk}",
        "Nothing says who must say yes. Write of: and levels: for one value, or rules: for several.",
    ),
    "both": (
        "name: desk, of: deal.score, levels: [{by: [boss]}], rules: [{by: [boss]}]}",
        "The approval has levels and rules. Keep of and levels (one value), or rules (several).",
    ),
    "a currency of all rules": (
        "name: desk, currency: EUR, rules: [{by: [boss]}]}",
        "Each rule has a currency of its own. Write currency: beside the rule's if.",
    ),
    "no rule": ("name: desk, rules: []}", "'rules' is empty. Write at least one rule: "),
}


def told(text: str) -> list[str]:
    with pytest.raises(BadPlaybook) as refused:
        load_playbook(text)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(("rule", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_a_rule_is_told_with_its_line_and_remedy(rule: str, expected: str) -> None:
    assert any(line.startswith(f"playbook.yaml:7: {expected}") for line in told(TEXT.replace("RULE", rule))), expected


@pytest.mark.parametrize(("approval", "expected"), WHOLE.values(), ids=WHOLE.keys())
def test_an_approval_says_in_one_way_who_must_say_yes(approval: str, expected: str) -> None:
    head, _, tail = TEXT.partition("approvals:")
    text = f"{head}approvals: [{{{approval}]\nstages{tail.partition('stages')[2]}"

    assert any(expected in line for line in told(text)), told(text)


def test_a_rule_whose_people_are_asked_anyway_is_warned_of() -> None:
    text = TEXT.replace("RULE", "{by: [cfo, boss]}")

    warnings = [str(one) for one in check_bundle({"playbook.yaml": text})]

    assert any(
        "rules[0]: A rule without a case asks the same people anyway, in the same order." in one for one in warnings
    )


def test_a_step_that_needs_an_approval_that_is_none_is_refused() -> None:
    text = TEXT.replace("RULE", "{by: [cfo]}").replace("{approval: desk}", "{email: hello, needs: dsk}")

    assert any("do[0].needs: There is no approval 'dsk'. Did you mean 'desk'?" in line for line in told(text)), told(
        text
    )


def test_a_step_does_not_need_what_it_asks_for_itself() -> None:
    text = TEXT.replace("RULE", "{by: [cfo]}").replace("{approval: desk}", "{approval: desk, needs: desk}")

    assert any("do[0].needs: The step needs 'desk', which it asks for itself." in line for line in told(text))


def test_a_step_that_needs_an_approval_begins_it() -> None:
    text = TEXT.replace("RULE", "{by: [cfo]}").replace("{approval: desk}", "{notify: rep, text: Ready, needs: desk}")

    assert not any("no step begins" in str(one) for one in check_bundle({"playbook.yaml": text}))


STAND_INS = {
    "a role that is none": ("stand_in: {boss: cfi}", "There is no role 'cfi'. Did you mean 'cfo'?"),
    "oneself": ("stand_in: {boss: boss}", "'boss' would stand in for themselves. Name another role, or take it out."),
}


@pytest.mark.parametrize(("key", "expected"), STAND_INS.values(), ids=STAND_INS.keys())
def test_a_stand_in_is_another_role(key: str, expected: str) -> None:
    text = TEXT.replace("    rules:", f"    {key}\n    rules:").replace("RULE", "{by: [boss]}")

    assert any(f"approvals[0].stand_in.boss: {expected}" in line for line in told(text)), told(text)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("stand_in: {rep: cfo}", "Desk never asks 'rep'. Take it out, or add the role."),
        ("stand_in: {boss: cfo}", "'cfo' is asked in the same chain as 'boss', and says yes once for both."),
    ],
)
def test_a_stand_in_that_says_nothing_is_warned_of(key: str, expected: str) -> None:
    text = TEXT.replace("    rules:", f"    {key}\n    rules:").replace("RULE", "{by: [boss, cfo]}")

    warnings = [str(one) for one in check_bundle({"playbook.yaml": text})]

    assert any(expected in one for one in warnings), warnings
