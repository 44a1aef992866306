"""Questions: an approval is asked for, and asked for anew once the deal's terms are others."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dealwright import entries as e
from dealwright.identity import run_key
from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.rules.approvals.asking import Said, ask_seat, settle, supersede
from dealwright.rules.approvals.current import (
    chains_of,
    covered_until,
    is_covered,
    open_chains,
    point_of,
    renamed,
    terms_of,
    times_asked,
)
from dealwright.rules.approvals.granted import expire, goes_beyond, why_anew
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Approval
from dealwright.terms import Chains, Terms


def request(context: DecisionContext, rule: ApprovalRule, approval: str, *, run: str, step: int) -> None:
    """Ask for an approval. An open one of the same name goes on if it asks the same, and else gives way."""
    asked = open_chains(context, rule.name)
    if asked and all(_is_still_right(context, rule, one) for one in asked):
        return
    supersede(context, rule.name, "other terms were asked for")
    open_question(context, rule, approval, run=run, step=step)


def review(context: DecisionContext) -> bool:
    """Ask anew where what was asked for or granted is no longer what the deal is about. True when any was."""
    if expire(context):
        return True
    for approval in list(context.state.approvals.values()):
        rule = context.playbook.approval(approval.name)
        if rule is None:
            supersede(context, approval.name, f"{context.playbook.playbook} has no such approval")
            return True
        if approval.instead_of is None and not _is_still_right(context, rule, approval):
            supersede(context, rule.name, "its terms are no longer the deal's")
            anew = renamed(approval.id, f"anew{times_asked(context, rule.name)}")
            open_question(context, rule, anew, run=approval.run, step=approval.step)
            return True
    beyond = (rule for rule in context.playbook.approvals if goes_beyond(context, rule))
    for rule in beyond:
        text = f"{rule.name} is asked for anew: {terms_of(context, rule).words()} {why_anew(context, rule)}."
        context.ask_attention(point_of(rule.name), text)
        key = run_key(f"approval-{rule.name}", context.state.visit, times_asked(context, rule.name))
        open_question(context, rule, context.id_for(key, "asked"), run=None, step=None)
        return True
    return False


class _Question(NamedTuple):
    """What is asked, and for which step."""

    rule: ApprovalRule
    terms: Terms
    chains: Chains
    run: str | None
    step: int | None


def open_question(
    context: DecisionContext, rule: ApprovalRule, approval: str, *, run: str | None, step: int | None
) -> None:
    """Ask for an approval of the deal's terms of now. What needs no answer is settled at once."""
    terms, chains = terms_of(context, rule), chains_of(context, rule)
    covered = is_covered(context, rule, terms)
    question = _Question(rule, terms, () if covered or chains is None else chains, run, step)
    for part in range(max(len(question.chains), 1)):
        _note_chain(context, question, renamed(approval, f"and{part + 1}") if part else approval, part)
    opened = context.state.approvals[approval]
    if covered:
        settle(context, opened, "granted", _within_a_grant(covered_until(context, rule, terms)))
    elif chains is None:
        settle(context, opened, "refused", Said("refuse", "nobody can be asked"))
        text = f"{rule.name} is refused, since the playbook names nobody who may grant {terms.words()}."
        context.ask_attention(point_of(rule.name), text)
    elif not chains:
        settle(context, opened, "granted", Said("approve", "within everybody's limits"))
    else:
        for chain in open_chains(context, rule.name):
            ask_seat(context, chain)


def _within_a_grant(until: datetime | None) -> Said:
    return Said("approve", "within what was granted before", valid_until=until)


def _note_chain(context: DecisionContext, question: _Question, approval: str, part: int) -> None:
    rule, terms, chains = question.rule, question.terms, question.chains
    roles = tuple(seat[0] for seat in chains[part]) if chains else ()
    first = roles[0] if roles else context.stage.owner
    is_told_by_roles = chains in {(), (tuple((role,) for role in roles),)}
    context.note(
        e.ApprovalRequested(
            at=context.now, approval=approval, name=rule.name, terms=terms.values, currencies=terms.currencies,
            chain=roles, answer_by=context.by_then(first, rule.answer_within),
            given_to=context.given_to(first) if roles else None, run=question.run, step=question.step,
            chains=() if is_told_by_roles else chains, part=part,
        )
    )  # fmt: skip


def _is_still_right(context: DecisionContext, rule: ApprovalRule, chain: Approval) -> bool:
    """Whether an open question is the one that the deal's terms need."""
    terms = terms_of(context, rule)
    asked = chain.chains or ((chain.seats,) if chain.chain else ())
    return chain.asked == terms and asked == (chains_of(context, rule) or ())
