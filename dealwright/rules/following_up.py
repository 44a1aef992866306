"""What follows from a fact at once, in every playbook: mail called off, terms begun, people asked."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.facts import FACTS, ContractSigned, Fact, FactRetracted, ReplyReceived, TouchConfirmed
from dealwright.rules import (
    absence,
    channels,
    completing,
    cool_off,
    documents,
    enrolments_told,
    silence,
    strangers,
    suggestions,
)
from dealwright.rules.afterlife import go_on_after_all, tell_the_last_owner
from dealwright.rules.approvals.granted import put_to_buyer
from dealwright.rules.contact_runs import mind_colleagues
from dealwright.rules.crm import lost_records
from dealwright.rules.dates import take_back
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.outcomes import settle_uncertain
from dealwright.rules.pauses import go_on_after_a_hold, go_on_as_agreed, tell_of_a_sign
from dealwright.rules.stages import leave

_RETRACTED = "retracted:"
"""How the points of attention begin that ask where a deal belongs whose signature was none."""


def follow_up(context: DecisionContext, fact: Fact, taken: e.FactTaken) -> None:
    """Do at once what a fact calls for, whatever stage the deal is in; plays and stages hear of it afterwards."""
    lost_records.mind(context, fact)
    completing.mind(context, fact)
    channels.mind(context, taken)
    suggestions.mind(context, fact, taken)
    enrolments_told.mind(context, fact)
    documents.mind(context, fact)
    if isinstance(fact, FactRetracted) and not (context.state.finished and go_on_after_all(context, fact)):
        go_on_after_a_hold(context, fact.retracts)
        take_back(context, fact.retracts, taken.about)
        _mind_what_it_led_to(context, fact.retracts, taken.about)
    if isinstance(fact, ContractSigned):
        is_where_it_belongs(context, "it was signed after all")
    if context.state.finished and fact.is_for_a_person:
        tell_the_last_owner(context, fact)
    go_on_as_agreed(context, fact, taken.happened_at)
    tell_of_a_sign(context, fact)
    if fact.name in context.playbook.renews_on and not context.state.finished:
        _begin_term(context, taken.about)
    if isinstance(fact, ReplyReceived):
        absence.hear_of_it(context, taken)
        mind_colleagues(context, taken)
    if not context.state.finished:
        put_to_buyer(context, fact)
    if isinstance(fact, TouchConfirmed):
        settle_uncertain(context, fact.effect, "done", "its result arrived late")
    _mind_silence(context, taken)
    if taken.unresolved is not None:
        strangers.ask_whom_it_means(context, taken)


def _mind_silence(context: DecisionContext, taken: e.FactTaken) -> None:
    """Somebody wants no more messages, or they do not arrive: some are called off, and others go to somebody else."""
    silence.mind(context, taken)
    if taken.silences and not taken.bounced:
        cool_off.after_opt_out(context)


def _mind_what_it_led_to(context: DecisionContext, fact: str, about: str | None) -> None:
    """When a signature was none, its term does not run; where it led the deal, somebody must say."""
    if not issubclass(FACTS[fact], ContractSigned) or context.state.finished:
        return
    if fact in context.playbook.renews_on and context.state.term > 1 and about == f"contract/{context.state.term}":
        context.note(e.TermBegan(at=context.now, term=context.state.term - 1))
    what = fact.replace("_", " ").capitalize()
    text = f"{what} was taken back, and the deal is in {context.state.stage}: move it where it belongs, or close it"
    context.ask_attention(f"{_RETRACTED}{fact}", text)


def is_where_it_belongs(context: DecisionContext, why: str) -> None:
    """Ask no longer where a deal belongs whose signature was taken back."""
    for point in [point for point in context.state.attention if point.startswith(_RETRACTED)]:
        context.settle_attention(point, why)


def _begin_term(context: DecisionContext, about: str | None) -> None:
    """Begin the term that was signed, or the next one; a term that began is only put right."""
    of_contract, _, number = (about or "").partition("contract/")
    term = int(number) if number.isdecimal() and not of_contract else context.state.term + 1
    if term > context.state.term:
        context.note(e.TermBegan(at=context.now, term=term))
        context.next_term = context.term_began = True


def renew(context: DecisionContext) -> None:
    """Begin the next term: the stage the deal is in is entered anew."""
    leave(context, context.stage, f"contract term {context.state.term} begins", led_on=True)
