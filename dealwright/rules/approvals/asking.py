"""Asking: whoever a chain waits for is asked, with whoever may answer in their place; questions are taken back."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dealwright import entries as e
from dealwright.effects import RequestApproval
from dealwright.rules.approvals.current import open_ones, others_asked, point_of, renamed
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Approval


class Said(NamedTuple):
    """What somebody answered; where it follows from the rules, Dealwright."""

    answer: str
    note: str | None
    by: str = "dealwright"
    person: str | None = None
    """Who said yes, in the form in which open work remembers people; a role that nobody holds by its name."""
    valid_until: datetime | None = None
    """Until when what is granted holds."""


def ask(context: DecisionContext, approval: Approval, effect: str | None = None) -> None:
    """Ask the role whose answer is next."""
    role = approval.waits_for
    usual = renamed(approval.id, str(approval.answered + 1)) if approval.answered else approval.id
    context.start(
        RequestApproval(
            id=effect or usual, at=context.now,
            summary=f"Ask {role} to approve: {approval.name}", run=approval.run, step=approval.step,
            approval=approval.id, role=role, owner=context.holder(role), terms=approval.terms,
            currencies=approval.currencies, answer_by=approval.answer_by, others=_others(context, approval),
        )
    )  # fmt: skip


def _others(context: DecisionContext, approval: Approval) -> tuple[str, ...]:
    """Who else may answer, as far as is known when somebody is asked."""
    chain = context.state.approvals.get(approval.instead_of or "", approval)
    seat = chain.seats[chain.answered]
    return tuple(role for role in seat if role != approval.waits_for)


def ask_seat(context: DecisionContext, chain: Approval) -> None:
    """Ask everybody of whom one is enough now."""
    ask(context, chain)
    seat = chain.seats[chain.answered]
    for role in seat[1:]:
        ask_instead(context, chain, role)
    for role in seat:
        if context.holder(role) is None:
            ask_stand_in(context, chain, role)


def ask_stand_in(context: DecisionContext, approval: Approval, role: str) -> None:
    """Ask who stands in for a role, if somebody does."""
    chain = context.state.approvals.get(approval.instead_of) if approval.instead_of is not None else approval
    stand_in = context.playbook.stand_in(approval.name, role)
    if chain is not None and stand_in is not None:
        ask_instead(context, chain, stand_in)


def ask_instead(context: DecisionContext, chain: Approval, role: str) -> None:
    """Ask another role, which may answer in the place of the one that a chain waits for."""
    approval = renamed(chain.id, f"or{chain.answered + 1}-{role}")
    if role in {chain.waits_for, *(one.waits_for for one in others_asked(context, chain))}:
        return
    context.note(
        e.ApprovalRequested(
            at=context.now, approval=approval, name=chain.name, terms=chain.terms, currencies=chain.currencies,
            chain=(role,), answer_by=time_to_answer(context, chain, role), given_to=context.given_to(role),
            run=chain.run, step=chain.step, instead_of=chain.id,
        )
    )  # fmt: skip
    ask(context, context.state.approvals[approval])


def time_to_answer(context: DecisionContext, approval: Approval, role: str | None = None) -> datetime:
    """By when whoever is asked now should answer."""
    rule = context.playbook.approval(approval.name)
    return context.by_then(role or approval.waits_for, rule.answer_within) if rule else approval.answer_by


def give(context: DecisionContext, approval: Approval) -> None:
    """Ask whoever holds the role now, on the same terms, with the whole time to answer."""
    call_off(context, approval, "somebody else is asked")
    ask(context, approval, renamed(approval.id, f"given{approval.given}"))


def drop(context: DecisionContext, approval: Approval, why: str) -> None:
    """No longer want an answer."""
    context.note(
        e.ApprovalAnswered(
            at=context.now, approval=approval.id, name=approval.name, answer="dropped", by="dealwright", note=why,
            settled="superseded",
        )
    )  # fmt: skip


def settle(context: DecisionContext, approval: Approval, settled: str, said: Said) -> None:
    """Write down what became of a question, or of one of its chains."""
    entry = e.ApprovalAnswered(
        at=context.now, approval=approval.id, name=approval.name, answer=said.answer, by=said.by, note=said.note,
        settled=settled, person=said.person, valid_until=said.valid_until,
    )  # fmt: skip
    context.note(entry)
    if settled in {"granted", "refused"}:
        context.happen(f"approval_{settled}", approval.name)
    if settled == "granted":
        context.settle_attention(point_of(approval.name), "granted")


def supersede(context: DecisionContext, name: str, why: str) -> None:
    """Withdraw a question that is no longer the right one: who has not seen it yet need not."""
    for approval in open_ones(context, name):
        _take_back(context, approval, why)


def take_back_others(context: DecisionContext, chain: Approval, why: str) -> None:
    """Whoever else could have answered is asked no longer."""
    for approval in others_asked(context, chain):
        _take_back(context, approval, why)


def call_off(context: DecisionContext, approval: Approval, why: str) -> None:
    """Take back the requests that nobody has seen yet; a task about such a request has an id that begins alike."""
    for effect, pending in list(context.state.pending.items()):
        if pending.does == "request_approval" and _asked_by(context, effect) == approval.id:
            context.call_off(effect, why)


def _take_back(context: DecisionContext, approval: Approval, why: str) -> None:
    call_off(context, approval, why)
    settle(context, approval, "superseded", Said("superseded", why))


def _asked_by(context: DecisionContext, effect: str) -> str | None:
    """The open approval that an effect asks for; the ids of those beside it begin with the id of the first."""
    return max((one for one in context.state.approvals if _asks_for(effect, one)), key=len, default=None)


def _asks_for(effect: str, approval: str) -> bool:
    head, _, occurrence = approval.rpartition("/")
    return effect == approval or (effect.startswith(f"{head}.") and effect.endswith(f"/{occurrence}"))
