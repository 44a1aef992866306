"""What the tests of approvals share: playbooks with levels, and asking and answering."""

from __future__ import annotations

from dealwright.decision import Verdict
from dealwright.state import Approval
from tests.dealwright.story import Story, of_stage

DISCOUNT = of_stage("""
- {name: ask, on: discount_requested, do: [{approval: discount}]}
- {name: yes, on: {approval_granted: discount}, do: [{notify: rep, text: Granted}]}
- {name: no, on: {approval_refused: discount}, do: [{notify: rep, text: Refused}]}
""", before="""
approvals:
  - name: discount
    of: proposal.discount
    terms: {amount: deal.amount}
    levels: [{up_to: 10}, {up_to: 20, by: [boss]}, {by: [expert, boss]}]
""")  # fmt: skip


DESK = of_stage("[{name: ask, on: demo_held, do: [{approval: size}]}]", before="""
approvals:
  - name: size
    of: deal.amount
    currency: EUR
    levels: [{up_to: 10000}, {up_to: 50000, by: [boss]}, {by: [expert, boss]}]
""")  # fmt: skip


def euros(amount: int, currency: str = "EUR") -> dict[str, str]:
    return {"amount": str(amount), "currency": currency}


def asked(percent: str, amount: int = 5000) -> Story:
    story = Story(DISCOUNT, amount=euros(amount))
    story.tell("discount_requested", percent=percent)
    return story


def open_one(story: Story) -> Approval:
    (approval,) = story.state.approvals.values()
    return approval


def answer(story: Story, by: str, answer: str = "approve", approval: Approval | None = None) -> Verdict:
    asked_for = approval or open_one(story)
    return story.order("decide_approval", by=by, approval=asked_for.id, answer=answer, terms=asked_for.terms)


def granted(percent: str, amount: int = 5000) -> Story:
    story = asked(percent, amount)
    while story.state.approvals:
        answer(story, open_one(story).waits_for)
    return story
