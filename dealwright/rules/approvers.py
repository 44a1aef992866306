"""Who may say who approves: whoever asks for a yes does not choose who gives it."""

from __future__ import annotations

from collections.abc import Iterable

from dealwright.deal import Known, Person
from dealwright.playbook.language.model import Playbook
from dealwright.rules.approvals.current import speaks_for
from dealwright.rules.decision_context import DecisionContext
from dealwright.values.addresses import same


def refusal(context: DecisionContext, learned: Known | None, by: str) -> str | None:
    """Why somebody may not change who holds the roles that approve; None when they may, or change none of them.

    Such a role, and each that it reports to, is handed on by whoever holds it, or by a role that it reports to. One
    that nobody holds is filled by anybody, but not with themselves.
    """
    asked = [role for approval in context.state.approvals.values() for role in approval.everybody]
    for role, why in guarded(context.playbook, asked).items():
        before, after = context.holder(role), _holder_after(context, role, learned)
        entitled = [role, *_above(context.playbook, role)]
        if after == before or any(speaks_for(context, by, each) for each in entitled):
            continue
        if before is not None:
            return f"{why}, and is handed on by who holds it now, or is above: {', '.join(entitled)}."
        if after is not None and _is(after, by):
            return f"{why}, and nobody gives that role to themselves."
    return None


def guarded(playbook: Playbook, asked: Iterable[str] = ()) -> dict[str, str]:
    """The roles that approve something, by the playbook or as ``asked`` now, and those above them; each with why."""
    named = {role for rule in playbook.approvals for role in rule.roles}
    stand_ins = {playbook.stand_in(rule.name, role) for rule in playbook.approvals for role in rule.roles}
    approving = sorted({role for role in (*named, *stand_ins, *asked) if role is not None})
    above = {boss: f"{boss} is above {role}, which approves" for role in approving for boss in _above(playbook, role)}
    return {**above, **{role: f"{role} approves" for role in approving}}


def _holder_after(context: DecisionContext, role: str, learned: Known | None) -> Person | None:
    deal = context.deal if learned is None else context.deal.knowing(learned)
    return (deal.owners or {}).get(role) or context.playbook.usual_holder(role)


def _above(playbook: Playbook, role: str) -> list[str]:
    """The roles that a role reports to, the next one first."""
    chain: list[str] = []
    while (rule := playbook.roles.get(role)) is not None and rule.reports_to not in {None, *chain}:
        role = rule.reports_to or ""
        chain.append(role)
    return chain


def _is(person: Person, by: str) -> bool:
    return by == person.name or same(by, person.email)
