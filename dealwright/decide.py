"""``decide``: what the playbook makes of what has come in, at this time. Pure: same input, same decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dealwright import entries as e
from dealwright.commands import COMMANDS
from dealwright.deal import Deal, EndReason
from dealwright.decision import Decision, Received, Verdict
from dealwright.facts import FACTS
from dealwright.fold import fold
from dealwright.playbook.language.model import Playbook
from dealwright.rules import (
    absence,
    adoption_plans,
    contact_runs,
    crossings,
    dates,
    documents,
    enrolments,
    facts,
    following_up,
    gate_questions,
    handoffs,
    held_ends,
    moved_dates,
    next_step,
    outcomes,
    own_fields,
    planning,
    plays,
    reasons,
    routing,
    scores,
    stages,
    steps,
    strangers,
    told_dates,
)
from dealwright.rules.approvals import questions
from dealwright.rules.billing import keep_up as billing
from dealwright.rules.commands import take_command
from dealwright.rules.crm import record, stage_edits
from dealwright.rules.deadlines import miss_due, miss_handoffs
from dealwright.rules.decision_context import LARGEST_DECISION, DecisionContext, Event, Offers
from dealwright.rules.declared_words import mind_notes, undeclared_source
from dealwright.rules.pauses import review_pause
from dealwright.rules.reporting import reports_now
from dealwright.rules.role_changes import follow_roles
from dealwright.rules.waking import attributes_changed, attributes_of, changed, next_wake, quiet_facts
from dealwright.state import DealState
from dealwright.validation.errors import BadDeal

__all__ = ["LARGEST_DECISION", "EndlessPlaybook", "decide", "decide_after_the_end", "open_deal", "refuse_deal"]

_ROUNDS = 500
"""More rounds than any sensible playbook needs at one moment; beyond it, plays start each other for ever."""

EVER = datetime(1, 1, 1, tzinfo=UTC)
"""Before everything: what happened before a deal was opened counts for its first stage."""


class EndlessPlaybook(RuntimeError):
    """Plays of this playbook start each other without end at one moment: break the circle in the playbook."""


def open_deal(opened: e.DealOpened, playbook: Playbook, now: datetime) -> DecisionContext:
    """Let a deal in: its first stage begins."""
    context = DecisionContext(DealState(), playbook, now)
    context.note(opened)
    context.contacts_before = None  # nothing has begun for anybody before
    if stranger := context.no_such_role(opened.deal.owners or ()):
        context.ask_attention("owners", f"Somebody owns the deal in a role that is none. {stranger}")
    mind_notes(context, opened.deal)
    own_fields.keep_up(context)
    stages.enter(context, playbook.stages[0], "the deal was opened", since=(EVER, 0))
    _settle(context)
    return context


def decide(
    state: DealState,
    playbook: Playbook,
    inbox: Sequence[Received],
    now: datetime,
    *,
    opened: e.DealOpened | None = None,
    offers: Offers | None = None,
) -> Decision:
    """Decide what follows from the inbox and the time.

    ``opened`` is given once, with the first decision of a deal. ``offers`` are playbooks that a command in the inbox
    may adopt, and the one that the deal will follow from its next stage on. Each item of the inbox is settled before
    the next, so that several at one moment lead to the same effects as one after another.

    Raises:
        EndlessPlaybook: the playbook's plays start each other without end.
    """
    if opened is not None and (refusal := _refusal(playbook, opened.deal)) is not None:
        return refuse_deal(refusal, now)
    context = open_deal(opened, playbook, now) if opened is not None else DecisionContext(state, playbook, now)
    context.offers = offers or {}
    plays.end_finished(context)  # what ended with an outcome as planned is not in the way of what starts now
    took = _take_what_fits(context, inbox)
    if not inbox and opened is None:  # else everything has been settled
        _settle(context)
    return _decision(context, None if opened is not None else state, took if took < len(inbox) else None)


def decide_after_the_end(state: DealState, playbook: Playbook, inbox: Sequence[Received], now: datetime) -> Decision:
    """Decide on what came for a finished deal, in a run of its own, which shows all attributes of the deal anew."""
    decision, after = decide(state, playbook, inbox, now), state.copy_to_work_on()
    for entry in decision.entries:
        fold(after, entry)
    return decision.model_copy(update={"attributes": changed({}, attributes_of(after))})


def _refusal(playbook: Playbook, deal: Deal) -> str | None:
    """Why a deal is not let in under this playbook; None when it is."""
    if undeclared := undeclared_source(playbook, deal):
        return str(undeclared)
    wrong = own_fields.refused_fields(playbook, deal)
    return str(BadDeal(wrong)) if wrong else None


def refuse_deal(error: str, now: datetime) -> Decision:
    """The decision not to let a deal in."""
    return Decision(entries=(e.DealRefused(at=now, error=error),), report_now=True)


def _take_what_fits(context: DecisionContext, inbox: Sequence[Received]) -> int:
    """Take in the first items, at least one; returns how many. A short fact may teach, and so write down, a lot."""
    for took, received in enumerate(inbox):
        if took and context.bytes() > LARGEST_DECISION:
            return took
        if received.contradicts:
            facts.note_contradiction(context, received)
        elif context.state.finished and not _counts_after_the_end(received):
            _turn_away(context, received, f"The deal was closed before ({context.state.outcome}).")
        else:
            _take(context, received)
            _settle(context)
    return len(inbox)


def _take(context: DecisionContext, received: Received) -> None:
    context.cause, context.crm.move = None, None
    if received.broken is not None:
        _turn_away(context, received, received.broken)
    elif received.kind == "command":
        take_command(context, received)
    elif received.kind == "outcome" and received.outcome is not None:
        outcomes.take_outcome(context, received.outcome, received.effect)
    else:
        facts.take_fact(context, received)


def _counts_after_the_end(received: Received) -> bool:
    if received.kind == "outcome":
        return True
    if received.kind == "command":
        command = COMMANDS.get(received.name)
        return command is not None and command.counts_after_the_end
    fact = FACTS.get(received.name)
    return fact is not None and (fact.counts_after_the_end or fact.for_a_person)


def _turn_away(context: DecisionContext, received: Received, text: str) -> None:
    """What cannot be decided, or comes too late, changes nothing, and is not lost."""
    if received.kind == "command":
        context.verdicts[received.id or received.name] = Verdict(accepted=False, text=text)
    elif received.kind == "outcome":
        outcomes.keep_undecided(context, received, text)
    else:
        facts.refuse(context, received, text)


def _settle(context: DecisionContext) -> None:
    """Let everything follow that follows at this moment."""
    for _ in range(_ROUNDS):
        if context.state.finished or not _one_round(context):
            plays.end_finished(context)
            if context.state.finished:
                context.events.clear()  # should it be opened again at this same moment, nobody hears of them either
            else:
                dates.look_ahead(context)
                record.keep_up(context)
                routing.keep_count(context)
            if not billing.keep_up(context) or context.state.finished:
                return
    raise EndlessPlaybook(f"{EndlessPlaybook.__doc__} (stage {context.state.stage})")


def _one_round(context: DecisionContext) -> bool:
    """Do the first thing that is to be done. False when nothing is."""
    if adoption_plans.follow(context) or strangers.recognise(context):  # before anything begins for whom it is
        return True
    _work_out_anew(context)  # whatever is asked of it next
    if context.events:
        _hear(context, context.events.popleft())
        return True
    if context.crm.move is not None and stage_edits.follow(context):
        return True
    if context.dates_changed:
        context.dates_changed = False
        moved_dates.redate(context)
        return True
    if contact_runs.follow(context):
        return True
    if context.state.crossed and crossings.clear(context):
        return True
    if review_pause(context) or enrolments.keep_up(context):
        return True
    if context.state.pause is not None:
        return False
    if (news := documents.news(context)) is not None:
        facts.take_fact(context, news)
        return True
    return (
        told_dates.turn_to_the_next(context)
        or absence.end_waits(context)
        or handoffs.complete(context)
        or miss_handoffs(context)
        or handoffs.fall_back(context)
        or stages.move_on(context)
        or planning.go_on_without(context)
        or enrolments.go_on_without(context)
        or (not context.is_full and _do_what_is_due(context))
    )


def _work_out_anew(context: DecisionContext) -> None:
    """Work out fields and scores, if anything was written down since they were worked out last at this moment."""
    if context.worked_out_at != context.state.entries:
        context.worked_out_at = context.state.entries
        own_fields.keep_up(context)
        scores.keep_up(context)


def _do_what_is_due(context: DecisionContext) -> bool:
    """Do the next thing whose time has come. It stays due until it is done, so that a later decision may do it."""
    return (
        outcomes.start_again(context)
        or dates.start_dated(context)
        or steps.do_due(context)
        or questions.review(context)  # after the steps: a play that asks comes first
        or documents.review(context)
        or follow_roles(context)
        or miss_due(context)
        or stages.stall(context)
        or gate_questions.ask(context)
        or next_step.ask_for_one(context)
    )


def _hear(context: DecisionContext, event: Event) -> None:
    key = event.key
    if (outcome := context.playbook.ended_by(key)) is not None and held_ends.may_end(context, event, outcome):
        held_ends.end_or_hold(context, event, outcome, *_reason(context, key))
        return
    plays.hear(context, event)
    if context.term_began and key in context.playbook.renews_on:
        context.term_began = False
        following_up.renew(context)


def _reason(context: DecisionContext, key: str) -> tuple[str, EndReason | None]:
    """Why a fact ends the deal: in anybody's words, and in those of the playbook."""
    taken = next((one for one in reversed(context.entries) if isinstance(one, e.FactTaken)), None)
    if taken is None:
        return key.replace("_", " "), None
    return taken.reason or key.replace("_", " "), reasons.reason_in(taken)


def _decision(context: DecisionContext, before: DealState | None, took: int | None) -> Decision:
    attributes = None
    if context.entries:
        after = context.state
        attributes = attributes_changed(before, after) if before else changed({}, attributes_of(after))
    wake_at, wake_for = next_wake(context)
    return Decision(
        entries=tuple(context.entries),
        effects=tuple(context.effects.values()),
        withdraw=tuple(context.withdrawn),
        wake_at=wake_at,
        wake_for=wake_for,
        attributes=attributes,
        verdicts=context.verdicts,
        quiet=quiet_facts(context.playbook, context.state.stage),
        report_now=reports_now(context),
        journal_lag=context.length(context.playbook.journal_lag),
        next_term=context.next_term and not context.state.finished,
        took=took,
    )
