"""What an approval is about now: the deal's terms, who must say yes to them, and what is open and granted."""

from __future__ import annotations

from datetime import datetime

from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Agreed, Approval
from dealwright.terms import Chains, Terms
from dealwright.values.addresses import same

_NOTHING = Agreed()
"""What was said where nobody was asked."""


def values_of(context: DecisionContext, rule: ApprovalRule) -> dict[str, object]:
    """The values of an approval's terms, by name."""
    return {name: path.read(context.state) for name, path in rule.paths.items()}


def terms_of(context: DecisionContext, rule: ApprovalRule) -> Terms:
    """The deal's terms, as an approval names them."""
    return Terms.of(values_of(context, rule))


def chains_of(context: DecisionContext, rule: ApprovalRule) -> Chains | None:
    """Whom the deal's terms must be agreed to by; None when nobody may."""
    return rule.chains_for(values_of(context, rule))


def agreed_to(context: DecisionContext, rule: ApprovalRule) -> Agreed:
    """What was said to an approval's terms so far."""
    return context.state.agreed.get(rule.name, _NOTHING)


def is_covered(context: DecisionContext, rule: ApprovalRule, terms: Terms) -> bool:
    """Whether terms are within what was granted."""
    return any(granted.covers(terms, rule.worse) for granted in agreed_to(context, rule).granted)


def valid_until(context: DecisionContext, rule: ApprovalRule) -> datetime | None:
    """Until when what is granted now holds; None for as long as the contract term."""
    return None if rule.valid_for is None else context.now + context.length(rule.valid_for)


def covered_until(context: DecisionContext, rule: ApprovalRule, terms: Terms) -> datetime | None:
    """Until when terms are within what was granted before; None for as long as the contract term."""
    agreed = agreed_to(context, rule)
    ends = [
        next((one.until for one in agreed.limited if one.terms == granted), None)
        for granted in agreed.granted
        if granted.covers(terms, rule.worse)
    ]
    return None if None in ends else max((end for end in ends if end is not None), default=None)


def open_ones(context: DecisionContext, name: str) -> list[Approval]:
    """What is asked of an approval now: its chains, and whoever may answer for one."""
    return [approval for approval in context.state.approvals.values() if approval.name == name]


def open_chains(context: DecisionContext, name: str) -> list[Approval]:
    """The chains of an approval that are asked now, side by side."""
    return [approval for approval in open_ones(context, name) if approval.instead_of is None]


def others_asked(context: DecisionContext, chain: Approval) -> list[Approval]:
    """Who else may answer whom a chain waits for."""
    return [approval for approval in context.state.approvals.values() if approval.instead_of == chain.id]


def times_asked(context: DecisionContext, name: str) -> int:
    """How often an approval was asked for: what tells one question's id from the next one's."""
    return context.state.asked_for.get(name, 0)


def renamed(approval: str, part: str) -> str:
    """The id of something about an approval."""
    head, _, occurrence = approval.rpartition("/")
    return f"{head}.{part}/{occurrence}"


def point_of(name: str) -> str:
    """The point of attention about an approval."""
    return f"approval:{name}"


def speaks_for(context: DecisionContext, who: str, role: str) -> bool:
    """Whether somebody (by role, name or address) holds a role in this deal."""
    person = context.holder(role)
    return who == role or (person is not None and (who == person.name or same(who, person.email)))
