"""What was granted, and what goes beyond it: put to the buyer, or come to by the deal."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.facts import Fact
from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.rules.approvals.current import (
    agreed_to,
    chains_of,
    is_covered,
    open_ones,
    point_of,
    terms_of,
    values_of,
)
from dealwright.rules.decision_context import DecisionContext
from dealwright.terms import Terms


def put_to_buyer(context: DecisionContext, fact: Fact) -> None:
    """Note the terms that a fact says were put to the buyer, where nobody granted them."""
    for rule in context.playbook.approvals if fact.offers else ():
        terms = _terms_put_to_buyer(context, rule, fact)
        if terms is None or is_covered(context, rule, terms):
            continue
        context.note(e.TermsOffered(at=context.now, name=rule.name, terms=terms.values, currencies=terms.currencies))
        text = f"{_said(fact.name)}: {terms.words()}. Nobody granted that ({rule.name})."
        context.ask_attention(point_of(rule.name), text)


def goes_beyond(context: DecisionContext, rule: ApprovalRule) -> bool:
    """Whether the deal has come to terms, or the buyer was offered some, that nobody was asked for since."""
    agreed = agreed_to(context, rule)
    if not (agreed.granted or agreed.offered or agreed.expired) or open_ones(context, rule.name):
        return False
    terms = terms_of(context, rule)
    kept = agreed.expired or any(one.values.keys() == terms.values.keys() for one in agreed.granted)
    kept = kept and context.state.outcome != "won"
    if not (kept or agreed.offered):
        return False  # what was sold is settled, and an approval by other rules says nothing about these terms
    if is_refused(context, rule, terms):
        return False  # everybody knows that it is not granted
    return chains_of(context, rule) != () and not is_covered(context, rule, terms)


def why_anew(context: DecisionContext, rule: ApprovalRule) -> str:
    """Why terms are asked for anew, as the end of a sentence about them."""
    if agreed_to(context, rule).expired:
        return "was granted for a time that is over"
    return "goes beyond what was granted"


def expire(context: DecisionContext) -> bool:
    """Note which grants hold no longer. True when any has expired."""
    over = [
        (name, one.terms)
        for name, agreed in context.state.agreed.items()
        for one in agreed.limited
        if one.until <= context.now
    ]
    for name, terms in over:
        context.note(e.ApprovalExpired(at=context.now, name=name, terms=terms.values, currencies=terms.currencies))
        context.happen("approval_expired", name)
    return bool(over)


def is_refused(context: DecisionContext, rule: ApprovalRule, terms: Terms) -> bool:
    """Whether the last answer was a no to the same deciding values."""
    refused = agreed_to(context, rule).refused
    return refused is not None and all(
        name in refused.values and refused.values[name] == terms.values[name] for name in rule.deciding
    )


def _terms_put_to_buyer(context: DecisionContext, rule: ApprovalRule, fact: Fact) -> Terms | None:
    """The terms that a fact puts to the buyer, if somebody must have granted them."""
    values, agreed = values_of(context, rule), agreed_to(context, rule)
    fields = {name: fact.offers.get(path.text, "") for name, path in rule.paths.items()}
    stated = {name: value for name, field in fields.items() if (value := vars(fact).get(field)) is not None}
    goes_with_a_grant = bool(stated) and agreed.granted and agreed.refused is None
    if not (stated.keys() & rule.deciding.keys()) and not goes_with_a_grant:
        return None
    values |= stated
    return None if rule.chains_for(values) == () else Terms.of(values)


def _said(fact: str) -> str:
    words = fact.replace("_", " ")
    return f"{words[0].upper()}{words[1:]}"
