"""``decide``: what the playbook makes of what has come in, at this time. Pure: same input, same decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from deals import entries as e
from deals.commands import COMMANDS
from deals.decision import Decision, Received, Verdict
from deals.facts import FACTS
from deals.fold import fold
from deals.playbook.model import Playbook
from deals.rules import (
    absence,
    approvals,
    crossings,
    dates,
    facts,
    handoffs,
    next_step,
    outcomes,
    planning,
    plays,
    stages,
    steps,
)
from deals.rules.commands import Offers, take_command
from deals.rules.deadlines import miss_due, miss_handoffs
from deals.rules.desk import LARGEST_DECISION, Desk, Event
from deals.rules.following import follow_roles
from deals.rules.pauses import review_pause
from deals.rules.waking import attributes_of, changed, next_wake, quiet_facts
from deals.rules.words import mind_notes, undeclared_source
from deals.state import DealState

__all__ = ["LARGEST_DECISION", "EndlessPlaybook", "decide", "decide_after_the_end", "open_deal", "refuse_deal"]

_ROUNDS = 500
"""More rounds than any sensible playbook needs at one moment; beyond it, plays start each other for ever."""

_REPORTED_AT_ONCE = {
    "deal_opened", "stage_entered", "stage_left", "approval_requested", "approval_answered", "terms_offered",
    "handoff_offered", "handoff_answered", "deadline_missed", "deal_closed", "deal_reopened", "deal_refused",
    "touches_held", "person_recognised",
}  # fmt: skip
EVER = datetime(1, 1, 1, tzinfo=UTC)
"""Before everything: what happened before a deal was opened counts for its first stage."""


class EndlessPlaybook(RuntimeError):
    """Plays of this playbook start each other without end at one moment: break the circle in the playbook."""


def open_deal(opened: e.DealOpened, playbook: Playbook, now: datetime) -> Desk:
    """Let a deal in: its first stage begins."""
    desk = Desk(DealState(), playbook, now)
    desk.note(opened.model_copy())
    if stranger := desk.no_such_role(opened.deal.owners or ()):
        desk.ask_attention("owners", f"Somebody owns the deal in a role that is none. {stranger}")
    mind_notes(desk, opened.deal)
    stages.enter(desk, playbook.stages[0], "the deal was opened", since=(EVER, 0))
    _settle(desk)
    return desk


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

    ``opened`` is given once, with the first decision of a deal. ``offers`` are playbooks that a command in the
    inbox may adopt. Each item of the inbox is settled before the next, so that several at one moment lead to
    the same effects as one after another.

    Raises:
        EndlessPlaybook: the playbook's plays start each other without end.
    """
    if opened is not None and (problem := undeclared_source(playbook, opened.deal)):
        return refuse_deal(f"source: {problem}.", now)
    desk = open_deal(opened, playbook, now) if opened is not None else Desk(state, playbook, now)
    plays.end_finished(desk)  # what ended with an outcome as planned is not in the way of what starts now
    took = _take_what_fits(desk, inbox, offers or {})
    if not inbox and opened is None:  # else everything has been settled
        _settle(desk)
    return _decision(desk, None if opened is not None else state, took if took < len(inbox) else None)


def decide_after_the_end(state: DealState, playbook: Playbook, inbox: Sequence[Received], now: datetime) -> Decision:
    """Decide on what came for a finished deal, in a run of its own, which shows all attributes of the deal anew."""
    decision, after = decide(state, playbook, inbox, now), state.copy_to_work_on()
    for entry in decision.entries:
        fold(after, entry)
    return decision.model_copy(update={"attributes": changed({}, attributes_of(after))})


def refuse_deal(error: str, now: datetime) -> Decision:
    """The decision not to let a deal in."""
    desk_entry = e.DealRefused(at=now, error=error)
    return Decision(entries=(desk_entry,), report_now=True)


def _take_what_fits(desk: Desk, inbox: Sequence[Received], offers: Offers) -> int:
    """Take in the first items, at least one; returns how many. A short fact may teach, and so write down, a lot."""
    for took, received in enumerate(inbox):
        if took and desk.bytes() > LARGEST_DECISION:
            return took
        if received.contradicts:
            facts.note_contradiction(desk, received)
        elif desk.state.finished and not _counts_after_the_end(received):
            _turn_away(desk, received, f"The deal was closed before ({desk.state.outcome}).")
        else:
            _take(desk, received, offers)
            _settle(desk)
    return len(inbox)


def _take(desk: Desk, received: Received, offers: Offers) -> None:
    desk.cause = None
    if received.broken is not None:
        _turn_away(desk, received, received.broken)
    elif received.kind == "command":
        take_command(desk, received, offers)
    elif received.kind == "outcome" and received.outcome is not None:
        outcomes.take_outcome(desk, received.outcome, received.effect)
    else:
        facts.take_fact(desk, received)


def _counts_after_the_end(received: Received) -> bool:
    if received.kind == "outcome":
        return True
    if received.kind == "command":
        command = COMMANDS.get(received.name)
        return command is not None and command.counts_after_the_end
    fact = FACTS.get(received.name)
    return fact is not None and (fact.counts_after_the_end or fact.for_a_person)


def _turn_away(desk: Desk, received: Received, text: str) -> None:
    """What cannot be decided, or comes too late, changes nothing, and is not lost."""
    if received.kind == "command":
        desk.verdicts[received.id or received.name] = Verdict(accepted=False, text=text)
    elif received.kind == "outcome":
        outcomes.keep_undecided(desk, received, text)
    else:
        facts.refuse(desk, received, text)


def _settle(desk: Desk) -> None:
    """Let everything follow that follows at this moment."""
    for _ in range(_ROUNDS):
        if desk.state.finished or not _one_round(desk):
            plays.end_finished(desk)
            if not desk.state.finished:
                dates.look_ahead(desk)
            return
    raise EndlessPlaybook(f"{EndlessPlaybook.__doc__} (stage {desk.state.stage})")


def _one_round(desk: Desk) -> bool:
    """Do the first thing that is to be done. False when nothing is."""
    if desk.events:
        _hear(desk, desk.events.popleft())
        return True
    if desk.dates_changed:
        desk.dates_changed = False
        dates.redate(desk)
        return True
    if desk.state.crossed and crossings.clear(desk):
        return True
    if facts.recognise(desk) or review_pause(desk):
        return True
    if desk.state.pause is not None:
        return False
    return (
        facts.turn_to_the_next(desk)
        or absence.end_waits(desk)
        or handoffs.complete(desk)
        or miss_handoffs(desk)
        or handoffs.fall_back(desk)
        or stages.move_on(desk)
        or planning.go_on_without(desk)
        or (not desk.is_full and _do_what_is_due(desk))
    )


def _do_what_is_due(desk: Desk) -> bool:
    """Do the next thing whose time has come. It stays due until it is done, so that a later decision may do it."""
    return (
        outcomes.start_again(desk)
        or dates.start_dated(desk)
        or steps.do_due(desk)
        or approvals.review(desk)  # after the steps: a play that asks comes first
        or follow_roles(desk)
        or miss_due(desk)
        or stages.stall(desk)
        or next_step.ask_for_one(desk)
    )


def _hear(desk: Desk, event: Event) -> None:
    key = event.key
    if (outcome := desk.playbook.ended_by(key)) is not None and _may_end(desk, event):
        stages.end(desk, outcome, _reason(desk, key))
        return
    plays.hear(desk, event)
    if desk.term_began and key in desk.playbook.renews_on:
        desk.term_began = False
        facts.renew(desk)


def _may_end(desk: Desk, event: Event) -> bool:
    """Whether it ends the deal: it is about the deal or whom messages go to, and happened since it was reopened."""
    reopened_at = desk.state.reopened_at
    return not (event.spares or event.beside) and (reopened_at is None or event.at >= reopened_at)


def _reports_now(desk: Desk) -> bool:
    """Whether reports, or other deals, must hear of it now: an address that opted out is out for all deals."""
    for entry in desk.entries:
        if entry.kind in _REPORTED_AT_ONCE:
            return True
        if isinstance(entry, e.FactTaken) and (entry.silences or _is_back(desk, entry)):
            return True
    return False


def _is_back(desk: Desk, reply: e.FactTaken) -> bool:
    """Whether somebody has written who, as far as was known, is away."""
    absence = desk.state.away.get(reply.contact or "") if reply.written_by_them else None
    return absence is not None and absence.until > desk.now


def _reason(desk: Desk, key: str) -> str:
    for entry in reversed(desk.entries):
        if isinstance(entry, e.FactTaken) and entry.reason:
            return entry.reason
    return key.replace("_", " ")


def _decision(desk: Desk, before: DealState | None, took: int | None) -> Decision:
    attributes = None
    if desk.entries:
        attributes = changed(attributes_of(before) if before else {}, attributes_of(desk.state))
    wake_at, wake_for = next_wake(desk)
    return Decision(
        entries=tuple(desk.entries),
        effects=tuple(desk.effects.values()),
        withdraw=tuple(desk.withdrawn),
        wake_at=wake_at,
        wake_for=wake_for,
        attributes=attributes,
        verdicts=desk.verdicts,
        quiet=quiet_facts(desk.playbook, desk.state.stage),
        report_now=_reports_now(desk),
        journal_lag=desk.length(desk.playbook.journal_lag),
        next_term=desk.next_term and not desk.state.finished,
        took=took,
    )
