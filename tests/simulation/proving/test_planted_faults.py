"""A rule that is taken out of a shipped playbook is found by its policies, with a story of a few steps."""

from __future__ import annotations

from functools import cache

import pytest

import playbooks
from dealwright.playbook.loading import load_bundle
from dealwright.yaml.document import read_yaml
from simulation.policies.reading import read_policies
from simulation.proving.prover import Findings, Prover
from simulation.timeline.rules import Rules
from tests.simulation.proving.policies import text_of

LIVES = 400
MOST_STEPS = 10
B2B, SMALL, ENTERPRISE = "b2b-saas", "five-steps", "enterprise-outbound"

FAULTS = {
    "an until of the cadence": (
        B2B,
        "until: *reached\n        steps:\n          - {email: cold-1}",
        "steps:\n          - {email: cold-1}",
        "Whoever answered or booked hears no more of the cadence",
        "cold-cadence",
    ),
    "an approval level": (
        B2B,
        "{up_to: 20, by: [sales_manager]}, {by: [sales_manager, finance]}",
        "{up_to: 100, by: [sales_manager]}",
        "A discount above 20 always asks finance",
        "approval discount",
    ),
    "an approval rule": (
        B2B,
        (
            "of: proposal.discount, terms: {amount: deal.amount}, escalate: sales_manager, # percent\n     levels: "
            "[{up_to: 10, by: []}, {up_to: 20, by: [sales_manager]}, {by: [sales_manager, finance]}]"
        ),
        "terms: {amount: deal.amount}, rules: [{if: {proposal.discount: {gt: 10}}, by: [sales_manager]}]",
        "A discount above 20 always asks finance",
        "approval discount",
    ),
    "a consent check": (
        B2B,
        "{after: 3bd, email: cold-2, reply: true}",
        "{after: 3bd, email: cold-2, reply: true, marketing: false}",
        "The messages of a cadence are marketing",
        "cold-cadence, step 3",
    ),
    "consent of a first message": (
        B2B,
        "- {email: cold-1}",
        "- {email: cold-1, marketing: false}",
        "Whoever opted out hears nothing of a cadence",
        "cold-cadence, step 1",
    ),
    "the reading of an answer": (
        B2B,
        "on: {reply_received: [not_interested, unsubscribe, other]}",
        "on: {reply_received: [not_interested, unsubscribe]}",
        "An answer that is no yes is read",
        "",
    ),
    "a person for whom somebody named": (
        B2B,
        "on: {reply_received: [wrong_person, referral]}",
        "on: {reply_received: wrong_person}",
        "Whom somebody names is written to by a person",
        "",
    ),
    "a signature before the customer": (
        B2B,
        "enter_when: contract_signed\n    marks: won",
        "enter_when: [contract_signed, proposal_accepted]\n    marks: won",
        "Nobody is a customer without a signature",
        "stage customer",
    ),
    "the time of a message about a date": (
        B2B,
        "{at: {before: contract.ends_on, by: 75d}, email: renewal-talk",
        "{at: {before: contract.ends_on, by: 89d}, email: renewal-talk",
        "Nobody is asked to renew long before the end",
        "renewal, step 2",
    ),
    "the time of a task about a date": (
        B2B,
        "on: {before: contract.ends_on, by: 90d}\n    if: &theirs",
        "on: {before: contract.ends_on, by: 45d}\n    if: &theirs",
        "A renewal is prepared two months before the end",
        "",
    ),
    "an until of the five steps": (
        SMALL,
        "until: [{reply_received: [interested, not_interested, other]}, {call_logged: connected}, ",
        "until: [{call_logged: connected}, ",
        "Whoever answered hears no more",
        "five-steps, step 3",
    ),
    "consent of the five steps": (
        SMALL,
        "{after: 3bd, email: again, reply: true}",
        "{after: 3bd, email: again, reply: true, marketing: false}",
        "Both messages are marketing",
        "five-steps, step 3",
    ),
    "an until of a committee's cadences": (
        ENTERPRISE,
        "[{reply_received: [interested, not_interested, other]}, opted_out, {email_bounced: hard}]\n        when",
        "[opted_out, {email_bounced: hard}]\n        when",
        "Whoever answered hears no more of the cadence",
        "those-who-",
    ),
    "a rule of an approval matrix": (
        ENTERPRISE,
        "      - {if: {fields.payment_days: {gt: 30}}, by: [deal_desk, finance]}\n",
        "",
        "Late payment always asks the deal desk",
        "approval deal-desk",
    ),
}


@cache
def findings(fault: str) -> Findings:
    """What lives of a playbook with this fault show of the policy that is about it."""
    name, text, without, policy, _ = FAULTS[fault]
    files = playbooks.shipped()[name]
    assert text in files["playbook.yaml"]
    faulty = {**files, "playbook.yaml": files["playbook.yaml"].replace(text, without)}
    rules = load_bundle(faulty)
    only = [one for one in read_policies(text_of(name), rules) if one.policy.name == policy]
    prover = Prover(rules, Rules(rules, read_yaml(faulty["playbook.yaml"], "playbook.yaml")), only, seed=1)
    while prover.lives < LIVES and not prover.findings[0].broken_in:
        prover.live_one()
    prover.tell_stories()
    return prover.findings[0]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_with_a_short_story(fault: str) -> None:
    found = findings(fault)

    assert found.story is not None, f"in {LIVES} lives nobody noticed"
    assert len(found.story.steps) <= MOST_STEPS


@pytest.mark.parametrize("fault", FAULTS)
def test_the_story_names_the_rule(fault: str) -> None:
    story = findings(fault).story

    assert story is not None
    assert story.rule is not None
    assert FAULTS[fault][-1] in story.rule.name
    assert story.rule.location.file == "playbook.yaml"
    assert story.rule.location.line > 1


def test_the_story_begins_with_the_deal_and_ends_with_what_must_not_be() -> None:
    story = findings("an until of the five steps").story

    assert story is not None
    opened, replied, again = (step.text for step in story.steps)
    assert opened.endswith("is opened")
    assert replied.startswith("reply_received: ")
    assert again == "email again to c0 by five-steps, step 3"
