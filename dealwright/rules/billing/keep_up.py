"""What is billed agrees with what is signed: subscriptions are started, changed and ended, or somebody is asked."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.deal import Contract
from dealwright.effects import CancelSubscription, ChangeSubscription, Effect, StartSubscription
from dealwright.identity import run_key
from dealwright.rules.billing.approved import check_agreed, is_being_asked
from dealwright.rules.billing.payer import payer_of
from dealwright.rules.billing.signed_terms import NotBillable, as_signed
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import ask, cancel_task
from dealwright.state import BilledTerm, Billing, DealState
from dealwright.subscription import TermBilled, over_from

POINT = "billing"
"""The point of attention of what cannot be billed as it is."""
TASK = "settle_billing"
"""The task by which somebody is asked what is to be billed."""
_SOON = Span.parse("1bd")
_UNKNOWN = frozenset({"on_the_way", "uncertain"})
"""While it is not known what became of the last thing that was done about a term, nothing more is done about it."""


def keep_up(context: DecisionContext) -> bool:
    """Do what is to be done about each contract term, and ask about those that cannot be billed as they are.

    True when anything was.
    """
    billing, before = context.state.billing, context.state.entries
    if billing is None:
        return False
    questions: list[str] = []
    for key, contract in list(context.state.terms.items()):
        try:
            _keep_up_term(context, billing, key, contract)
        except NotBillable as error:
            questions.append(f"{contract.id or f'Term {key or 1}'}: {error.text}")
    signed = any(one.status == "signed" for one in context.state.terms.values())
    if not (billing.terms or signed or context.state.finished):
        questions.append("no contract is signed that could be billed")
    _ask(context, "; ".join(questions)[:300])
    return context.state.entries != before


def drop_all(context: DecisionContext, why: str) -> None:
    """Start and change no subscription any more. One that is there by then all the same is ended."""
    for pending in list(context.state.pending.values()):
        if pending.does in {"start_subscription", "change_subscription"}:
            context.call_off(pending.effect, why)


def is_wanted(state: DealState, effect: StartSubscription | ChangeSubscription | CancelSubscription) -> bool:
    """Whether what was decided about a subscription, and is not done yet, is still what is to be done."""
    contract = state.terms.get(effect.contract)
    if isinstance(effect, CancelSubscription):
        return contract is None or _is_to_end(state, contract)
    if contract is None or state.billing is None or _is_to_end(state, contract):
        return False
    try:
        return as_signed(contract, state.billing.plan) == effect.terms
    except NotBillable:
        return False


def _is_to_end(state: DealState, contract: Contract) -> bool:
    return contract.status != "signed" or state.finished


def _keep_up_term(context: DecisionContext, billing: Billing, key: str, contract: Contract) -> None:
    billed = billing.terms.get(key)
    if (billed is not None and billed.status in _UNKNOWN) or context.state.is_completed:
        return
    if _is_to_end(context.state, contract):
        if billed is not None and billed.is_there:
            _end(context, billing, key, contract, billed)
        return
    if context.state.pause is not None or is_being_asked(context) or (billed is None and _is_over(billing, contract)):
        return
    terms = as_signed(contract, billing.plan)
    if billed is None or billed.subscription is None or billed.terms != terms:  # what is billed was agreed to then
        check_agreed(context, contract, first=not billing.terms or key == next(iter(billing.terms)))
    if billed is None or billed.subscription is None:
        _start(context, billing, key, terms, billed)
    else:
        _agree(context, key, terms, billed)


def _is_over(billing: Billing, contract: Contract) -> bool:
    return contract.ends_on is not None and contract.ends_on < billing.since


def _start(context: DecisionContext, billing: Billing, key: str, terms: TermBilled, before: BilledTerm | None) -> None:
    if before is not None and before.status == "done":
        raise NotBillable("its subscription was started, and nobody said what the billing tool calls it")
    payer = payer_of(context.state, billing.plan)
    if before is not None and before.status == "refused" and (before.terms, before.payer) == (terms, payer):
        return  # somebody was asked about that; it is tried again once something of it is different
    id_ = _id(context, "subscribe")
    _decide(context, "start", key, terms, StartSubscription(
        id=id_, at=context.now, summary=f"Start the subscription of term {key or 1}", needs_decision=True,
        contract=key, terms=terms, payer=payer, title=context.deal.title,
    ))  # fmt: skip


def _agree(context: DecisionContext, key: str, terms: TermBilled, billed: BilledTerm) -> None:
    if billed.ended_there:
        if over_from(terms.ends_on) <= context.now:  # the deal is looked at then: see waits.py
            return  # its term is over, and it ended with it
        raise NotBillable(f"{billed.subscription} has ended in the billing tool, and the contract runs on")
    if billed.there not in (billed.terms, terms):
        raise NotBillable(f"the billing tool bills {billed.there.words()}, and {terms.words()} is signed")
    if billed.there == terms and not billed.cancelled:
        if billed.terms != terms:
            _note(context, "agree", key, terms, None)
        return
    if _cannot_change(terms) != _cannot_change(billed.terms):
        raise NotBillable(f"{billed.terms.words()} is billed already, and {terms.words()} is signed now")
    if _was_refused(billed, terms, cancelled=False):
        return
    _decide(context, "change", key, terms, ChangeSubscription(
        id=_id(context, "change"), at=context.now, summary=f"Change the subscription of term {key or 1}",
        needs_decision=True, contract=key, subscription=billed.subscription or "", terms=terms,
    ))  # fmt: skip


def _was_refused(billed: BilledTerm, terms: TermBilled, *, cancelled: bool) -> bool:
    """Whether the tool refused just that: somebody was asked about it."""
    refused = billed.refused
    return refused is not None and (refused.terms, refused.cancelled) == (terms, cancelled)


def _cannot_change(terms: TermBilled) -> tuple[object, ...]:
    """What of a subscription stands once it was started: its first invoice is written."""
    return (terms.plan, terms.every, terms.starts_on, terms.recurring.currency, terms.one_off)


def _end(context: DecisionContext, billing: Billing, key: str, contract: Contract, billed: BilledTerm) -> None:
    if billed.cancelled:
        return
    if contract.starts_on is None or contract.ends_on is None:
        raise NotBillable(f"its signature was taken back: see what becomes of the subscription {billed.subscription}")
    at_once = billing.plan.when_cancelled == "at_once"
    told = billed.told.ends_on if billed.told is not None else None
    is_past = contract.ends_on < context.now.date()
    runs_on = billed.there.ends_on > contract.ends_on and billed.there.ends_on >= context.now.date()
    if (is_past and not runs_on) or (told is not None and told <= contract.ends_on and not at_once):
        return
    terms = billed.terms.model_copy(update={"ends_on": contract.ends_on})
    if _was_refused(billed, terms, cancelled=True):
        return
    _decide(context, "cancel", key, terms, CancelSubscription(
        id=_id(context, "cancel"), at=context.now, summary=f"End the subscription of term {key or 1}",
        needs_decision=True, contract=key, subscription=billed.subscription or "",
        ends_on=None if at_once or is_past else contract.ends_on, reason=_why(context.state),
    ))  # fmt: skip


def _why(state: DealState) -> str:
    return state.reason or "the contract was cancelled"


def _decide(context: DecisionContext, how: str, key: str, terms: TermBilled, effect: Effect) -> None:
    context.start(effect)
    payer = effect.payer if isinstance(effect, StartSubscription) else None
    _note(context, how, key, terms, effect.id, payer=payer)


def _note(context: DecisionContext, how: str, key: str, terms: TermBilled, effect: str | None, **about: object) -> None:
    decided = {"at": context.now, "how": how, "term": key, "terms": terms, "effect": effect, **about}
    context.note(e.SubscriptionDecided.model_validate(decided))


def _id(context: DecisionContext, step: str) -> str:
    return context.id_for(run_key("billing", context.state.visit, context.state.entries), step)


def _ask(context: DecisionContext, text: str) -> None:
    if context.state.attention.get(POINT, "") == text or (context.state.finished and not text):
        return
    context.settle_attention(POINT, "it is settled" if not text else "something else is asked")
    for task in [task for task in context.state.tasks.values() if task.name == TASK]:
        cancel_task(context, task, "it is settled")
    if text:
        context.ask_attention(POINT, text)
        role = context.state.owner_role or context.stage.owner
        title = f"Settle what is billed: {text}"[:200]
        ask(context, _id(context, "ask"), title, role, context.by_then(role, _SOON), name=TASK, detail=text)
