"""Reading policies: what may be said, and what is told about what may not."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import load_playbook
from simulation.policies.policy import AlwaysHappens, HasNextStep, Holds, NeverHappens
from simulation.policies.reading import BadPolicies, check_policies, read_policies
from tests.dealwright.playbook.shipped_stories import RULES

OWN_WORDS = """\
playbook: team
roles: {rep: {title: Rep}}
committee: {champion: 1}
fields: {seats: number}
scores: {fit: {points: [{if: {fields.seats: {gte: 50}}, give: 20}]}}
levels: {good: {scores.fit: {gte: 10}}}
experiments: {pace: {arms: {slow: 1, fast: 1}}}
ends: [{when: deal_lost, as: lost}]
stages: [{name: talks, owner: rep, plays: [{name: call, on: entered, do: [{task: call, if: {experiment.pace: fast}}]}]}]
"""
OWN_POLICIES = """\
- {name: one, never: {task: call}, if: {fields.seats: {lt: 1}}}
- {name: two, never: {fields.seats: {lt: 1}, committee.missing: {gt: 1}}}
- {name: three, always: {any: [good, {scores.fit: {lt: 10}}, {experiment.pace: slow}]}}
"""


def rule_of(text: str) -> object:
    (only,) = read_policies(f"- name: one\n  {text}", RULES)
    return only.policy.rule


def told(text: str) -> list[str]:
    return [str(one) for one in check_policies(text, RULES)]


def told_of(text: str) -> str:
    (only,) = told(f"- name: one\n  {text}")
    return only


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("never: {email: any, marketing: true, after: opted_out}", NeverHappens),
        ("never: {email: [cold-1], after: [meeting_held, {reply_received: other}], about: meeting}", NeverHappens),
        ("never: {email: any, more_than: {times: 3, per: 7d}}", NeverHappens),
        ("never: {stage: customer, before: contract_signed}", NeverHappens),
        ("never: {deal.stage: customer, not: contract_signed}", Holds),
        ("always: {task: read_and_decide, after: {reply_received: other}, within: 1h}", AlwaysHappens),
        ("always: {approval: discount, asks: finance}", AlwaysHappens),
        ("always: {any: [{deal.term: 1}, contract_renewed]}", Holds),
        ("always: next_step", HasNextStep),
    ],
)
def test_a_policy_says_what_never_or_always_is(text: str, kind: type[object]) -> None:
    assert isinstance(rule_of(text), kind)


HAPPENS = "is no fact or event, and nothing that a play does."
MISTAKES = {
    "never: {emial: any, after: opted_out}": f"never.emial: 'emial' {HAPPENS} Did you mean 'email'?",
    "never: {email: any, after: opted_uot}": f"never.after: 'opted_uot' {HAPPENS} Did you mean 'opted_out'?",
    "never: {email: any, afetr: opted_out}": "never.afetr: 'afetr' is no key here. Did you mean 'after'?",
    "never: {email: any, within: 2h}": "never: 'within' says nothing without after.",
    "always: {email: cold-1}": "always: 'email cold-1' alone says nothing. Write after: and when it must happen,",
    "always: {task: call, after: demo_held, within: 2 days}": "within: '2 days' is not a duration. Write 2d.",
    "always: next-step": "always: 'next-step' is no fact or event. Did you mean 'next_step'?",
    "never: {deal.stagee: customer}": "never.deal.stagee: 'deal.stagee' is nothing a deal has.",
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.items())
def test_a_mistake_is_told_with_line_and_remedy(text: str, expected: str) -> None:
    message = told_of(text)

    assert message.startswith("policies.yaml:2: [0].")
    assert expected in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("never: {email: warm-helo, after: opted_out}", "There is no template 'warm-helo'. Did you mean 'warm-hello'?"),
        ("never: {email: any, after: {stage: custmer}}", "There is no stage 'custmer'. Did you mean 'customer'?"),
        ("always: {approval: discount, asks: finanze}", "There is no role 'finanze'. Did you mean 'finance'?"),
        ("never: {deal.stage: custmer}", "There is no stage 'custmer'. Did you mean 'customer'?"),
        ("never: {email: any, after: {task_done: cal}}", "There is no step that opens 'cal'. Did you mean 'call'?"),
    ],
)
def test_a_name_that_the_playbook_does_not_have_is_told(text: str, expected: str) -> None:
    assert expected in told_of(text)


def test_when_is_written_if() -> None:
    text = "- name: one\n  always: {approval: discount, asks: finance}\n  when: {proposal.discount: {gt: 20}}"

    assert told(text) == ["policies.yaml:3: [0].when: 'when' is no key here. Write if: and the condition."]


def test_a_policy_has_one_rule() -> None:
    assert "neither never nor always" in told("- name: one")[0]
    assert "never and always" in told("- name: one\n  never: demo_held\n  always: demo_held")[0]


def test_two_policies_have_two_names() -> None:
    twice = "- {name: one, always: next_step}\n- {name: one, always: next_step}"

    assert told(twice) == ["policies.yaml:2: [1].name: There is already a policy 'one'. Give it another name."]


@pytest.mark.parametrize("text", ["", "policies: []", "[]", "never: x", "- {"])
def test_what_is_no_list_of_policies_is_refused(text: str) -> None:
    with pytest.raises(BadPolicies):
        read_policies(text, RULES)


def test_each_policy_knows_its_line() -> None:
    text = "# first\n- name: one\n  always: next_step\n- {name: two, always: next_step}"

    assert [one.line for one in read_policies(text, RULES)] == [2, 4]


def test_conditions_may_ask_for_what_the_playbook_declares() -> None:
    rules = load_playbook(
        "playbook: x\nroles: {rep: {}}\nfields: {seats: number}\nexperiments: {text: {arms: {plain: 1, warm: 1}}}\n"
        "stages: [{name: s, owner: rep}]"
    )
    policy = "- name: one\n  never: {{fields.seats: {{gt: 5}}, experiment.text: {arm}}}"

    assert check_policies(policy.format(arm="warm"), rules) == ()
    (said,) = check_policies(policy.format(arm="wram"), rules)
    assert "'experiment.text' is never 'wram'. Did you mean 'warm'?" in str(said)


def test_a_policy_asks_for_what_its_playbook_declares() -> None:
    assert [str(one) for one in check_policies(OWN_POLICIES, load_playbook(OWN_WORDS))] == []


def test_of_a_playbook_that_cannot_be_read_no_word_is_called_unknown() -> None:
    assert check_policies(OWN_POLICIES, None) == ()
