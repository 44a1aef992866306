"""Deals with a document that is out, or about to go."""

from __future__ import annotations

from dealwright.effects import SendDocument
from tests.dealwright.approval_stories import euros
from tests.dealwright.story import MONDAY, Story, of_stage

BEFORE = """
ends: [{when: deal_lost, as: lost}]
fields: {payment_days: number, starts_on: date, ends_on: date}
approvals:
  - {name: discount, of: proposal.discount, levels: [{up_to: 10}, {by: [boss]}]}
documents:
  offer:
    tool: pandadoc
    template: T1
    version: 3
    needs: discount
    terms: {amount: deal.amount, discount: proposal.discount, payment_days: fields.payment_days}
    attachments: [security]
  paper:
    kind: contract
    tool: docusign
    template: C1
    version: "2026-03"
    terms: {amount: deal.amount}
    starts_on: fields.starts_on
    ends_on: fields.ends_on
    to: signer
"""
PLAYS = """
- name: offer
  on: demo_held
  steps: [{document: offer}, {after: 1bd, unless: proposal_opened, task: ask-whether-it-came}]
- name: unopened
  on: proposal_sent
  until: [proposal_opened, proposal_accepted, proposal_declined, proposal_expired, proposal_withdrawn]
  steps: [{after: 24h, task: ring}]
- {name: paper, on: discovery_held, do: [{document: paper}]}
"""
RULES = of_stage(PLAYS, before=BEFORE)
KNOWN: dict[str, object] = {"amount": euros(9000), "fields": {"payment_days": 30}}
FIRST = "offer v1: amount 9000 EUR, discount 5, payment_days 30"


def ready(discount: str = "5", **known: object) -> Story:
    story = Story(RULES, at=MONDAY, **{**KNOWN, **known})
    story.tell("discount_requested", percent=discount)
    return story


def offered(discount: str = "5", **known: object) -> Story:
    story = ready(discount, **known)
    story.tell("demo_held", id="d-1")
    return story


def sent(story: Story) -> list[str]:
    return [f"{one.document} v{one.version}: {one.terms.words()}" for one in story.all(SendDocument)]
