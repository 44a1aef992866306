"""Whether the terms that are to be billed are those that were agreed to: with the buyer, and among ourselves."""

from __future__ import annotations

from dealwright.deal import Contract
from dealwright.rules.approvals.current import agreed_to, chains_of, is_covered, terms_of, times_asked
from dealwright.rules.billing.signed_terms import NotBillable
from dealwright.rules.decision_context import DecisionContext
from dealwright.subscription import shown


def is_being_asked(context: DecisionContext) -> bool:
    """Whether people are asked about the deal's terms now: what they say is waited for."""
    return bool(context.state.approvals)


def check_agreed(context: DecisionContext, contract: Contract, *, first: bool) -> None:
    """Compare what was signed with what was granted and, for the first term, with what was proposed.

    Raises:
        NotBillable: it is something else.
    """
    for rule in context.playbook.approvals:
        agreed, terms = agreed_to(context, rule), terms_of(context, rule)
        asked = agreed.granted or agreed.refused is not None or agreed.offered or times_asked(context, rule.name)
        if asked and chains_of(context, rule) != () and not is_covered(context, rule, terms):
            raise NotBillable(f"nobody granted {terms.words()} ({rule.name})")
    if first:
        _check_proposed(context, contract)


def _check_proposed(context: DecisionContext, contract: Contract) -> None:
    proposal = context.deal.proposal
    if proposal is None or proposal.status != "accepted":
        return
    for proposed, signed in ((proposal.recurring, contract.recurring), (proposal.one_off, contract.one_off)):
        if proposed is not None and signed is not None and proposed != signed:
            raise NotBillable(f"{shown(signed)} was signed, and {shown(proposed)} proposed and accepted")
    if proposal.amount is not None and contract.value is not None and proposal.amount != contract.value:
        raise NotBillable(f"{shown(contract.value)} was signed, and {shown(proposal.amount)} proposed and accepted")
