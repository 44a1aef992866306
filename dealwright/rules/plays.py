"""Plays: started by facts, events and dates; stopped by their ``until``."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dealwright import entries as e
from dealwright.contacts import seen_with
from dealwright.effects import (
    EFFECT_KINDS,
    CancelSubscription,
    ChangeSubscription,
    CreateTask,
    Effect,
    EnrolContact,
    HandOver,
    RequestApproval,
    SendDocument,
    StartSubscription,
    WithdrawDocument,
)
from dealwright.facts import FACTS, AboutPerson
from dealwright.identity import run_key
from dealwright.playbook.language.plays import Play
from dealwright.rules import cool_off, enrolments, experiments, handoffs
from dealwright.rules.approvals.asking import drop as drop_approval
from dealwright.rules.billing.keep_up import is_wanted as is_still_billed
from dealwright.rules.crossings import crossing_of
from dealwright.rules.decision_context import DecisionContext, Event
from dealwright.rules.planning import first_steps
from dealwright.rules.play_ends import (
    counts_for,
    in_roles_of,
    is_of_another_invoice,
    is_over,
    is_refused,
    writes_to_anybody,
)
from dealwright.rules.tasks import cancel_task
from dealwright.state import Pending, Run

WHOLE_DEAL_VISIT = 0
"""Stands for the stage visit in the ids of plays that belong to no stage."""
_END_WITH_PLAYS = frozenset(kind for kind, effect in EFFECT_KINDS.items() if effect.ends_with_its_play)


def hear(context: DecisionContext, event: Event) -> None:
    """Let the plays hear a fact or event: those that end by it stop, those that wait for it start."""
    because = because_of(event)
    starting = () if event.beside else context.playbook.listening(context.state.stage, event.key)
    end_by(context, event)
    for play in starting:
        if set(event.heard_as).isdisjoint(play.hears) and (counts := counts_up(context, play, event)) is not None:
            _begin_anew(context, play, counts)
            begin(context, play, Cause.of(counts, because, context))


def end_by(context: DecisionContext, event: Event) -> None:
    """Stop the plays that end by a fact or event."""
    stopped = context.playbook.stopped_by(event.key)
    for run in [run for run in context.state.runs.values() if run.play in stopped] if stopped else ():
        if _is_meant(context, run, event) and _concerns(run, event):
            stop(context, run, because_of(event))


def because_of(event: Event) -> str:
    """Why something starts or stops by a fact or event, in words."""
    return event.key.replace("_", " ").replace(":", ": ")


def counts_up(context: DecisionContext, play: Play, event: Event) -> Event | None:
    """What happened, if it starts a play by itself, or makes up the number of times that the play waits for.

    For a play that runs for each contact, it is about those for whom it makes up the number.
    """
    since = None if context.playbook.is_whole_deal(play.name) else context.state.visit_since
    count = play.count
    if count is None:
        return event
    if play.for_each is None or event.concerns is None:
        return event if count.is_made_up_by(context.state, event.at, since) else None
    seen = {contact: seen_with(context.state, contact) for contact in event.concerns}
    whose = tuple(contact for contact, state in seen.items() if count.is_made_up_by(state, event.at, since))
    return event._replace(concerns=whose) if whose else None


def _begin_anew(context: DecisionContext, play: Play, event: Event) -> None:
    """What was begun for a meeting, demo or proposal gives way when that one begins anew, at another time."""
    if event.turn != "begins" or play.alone:
        return
    for run in [run for run in context.state.runs.values() if run.play == play.name and run.about == event.about]:
        if event.about is not None and run.trigger == event.key and event.at >= (run.since_at or event.at):
            stop(context, run, f"{event.key.replace('_', ' ')} again")


def _is_meant(context: DecisionContext, run: Run, event: Event) -> bool:
    """Whether what happened is about whom a run writes to, or about no single person."""
    play = context.playbook.play(run.play)
    if play is None or event.concerns is None:
        return not event.spares
    if run.contact is None:
        fact = FACTS.get(event.key.partition(":")[0])
        if fact is None or not issubclass(fact, AboutPerson) or not fact.ends_plays_to_them_only:
            return True
        meant = in_roles_of(context.state, play)
        return not meant.isdisjoint(event.concerns) or (writes_to_anybody(play) and not event.spares)
    return run.contact in event.concerns or play.stops.counts_from(event.key) == "anyone"


def _concerns(run: Run, event: Event) -> bool:
    """Whether what happened counts for a run: it happened since, and not to another demo than the run's."""
    ends_it = run.about is not None and run.about == event.about and event.turn in {"goes_well", "goes_badly"}
    if event.beside or ends_it:
        return run.about == event.about  # that it counts for its own thing was judged when it was taken in
    if run.since_at is not None and event.at < run.since_at:
        return False
    return counts_for(run.about, event.about, event.turn, dated=run.dated_by is not None)


class Cause(NamedTuple):
    """What starts a play."""

    because: str
    trigger_at: datetime
    """From when its steps are reckoned."""
    since: tuple[datetime, int] | None
    """What happened since then, by another entry, counts for it; None for all that ever happened."""
    trigger: str | None = None
    about: str | None = None
    anchor: datetime | None = None
    concerns: tuple[str, ...] | None = None
    """The contacts whom it is about: a play that runs for each contact starts for these alone; None for all."""

    @property
    def caused_at(self) -> datetime:
        """What tells it from other causes of its play, as :attr:`PlayStarted.caused_at` has it."""
        return self.anchor or (self.since[0] if self.since else self.trigger_at)

    @classmethod
    def of(cls, event: Event, because: str, context: DecisionContext) -> Cause:
        """A fact or event. One that says that a stage was entered counts from when its visit began."""
        entered = event.key.partition(":")[0] == "entered"
        since = context.state.visit_since if entered else (event.at, event.number)
        return cls(because, min(event.at, context.now), since, event.key, event.about, concerns=event.concerns)

    @classmethod
    def wanted(cls, context: DecisionContext, play: Play, because: str) -> Cause:
        """Somebody who wants the play now, whatever would start it."""
        times = context.time_of(play.dated) if play.dated else None
        now = (context.after_all_told, context.state.entries)
        return cls(because, context.now, now, anchor=times[0] if times else None)


def begin(context: DecisionContext, play: Play, cause: Cause) -> None:
    """Start a run of a play, if its condition holds, and what would stop it has not happened since."""
    crossing = crossing_of(play, cause.trigger, cause.about)
    if crossing in context.state.crossed:
        return
    for contact in contacts_of(context, play, cause):
        if may_begin(context, play, cause, contact):
            start(context, play, cause, crossing, contact=contact)


def contacts_of(context: DecisionContext, play: Play, cause: Cause) -> tuple[str | None, ...]:
    """The contacts whom a cause starts a play for; for a play that runs for nobody alone just None."""
    if play.for_each is None:
        return (None,)
    meant = (contact.id for contact in play.for_each.contact.of(context.state))
    return tuple(contact for contact in meant if cause.concerns is None or contact in cause.concerns)


def may_begin(context: DecisionContext, play: Play, cause: Cause, contact: str | None) -> bool:
    """Whether a play's condition holds, and nothing would stop it that has happened since its cause."""
    state, whole_deal = context.state, context.playbook.is_whole_deal(play.name)
    mine = (run for run in state.runs.values() if run.play == play.name and run.contact == contact)
    if play.alone and not all(is_of_another_invoice(run.about, cause.about) for run in mine):
        return False
    if is_refused(state, play, contact) or is_over(context, play, cause.since, cause.about, contact):
        return False
    since, seen = None if whole_deal else state.visit_since, seen_with(state, contact)
    return play.if_ is None or experiments.holds(context, play.if_, since, play=play.name, seen=seen)


def start(
    context: DecisionContext, play: Play, cause: Cause, crossing: str | None = None, *, contact: str | None = None
) -> None:
    """Start a run of a play, for a contact where it runs for each, whatever its condition says."""
    state, visit = context.state, visit_of(context, play)
    whole_deal = context.playbook.is_whole_deal(play.name)
    occurrence = state.occurrences.get(f"{play.name}/{visit}", 0) + 1
    key = run_key(play.name, visit, occurrence)
    planned = first_steps(context, play, cause.trigger_at, contact, cause.trigger)
    context.note(
        e.PlayStarted(
            at=context.now, run=key, play=play.name, visit=visit, occurrence=occurrence, because=cause.because,
            trigger_at=cause.trigger_at, whole_deal=whole_deal, dated_by=cause.anchor, planned=planned,
            since_at=cause.since[0] if cause.since else None, trigger=cause.trigger, about=cause.about,
            crossing=crossing, contact=contact,
        )
    )  # fmt: skip


def stop(
    context: DecisionContext, run: Run, why: str, *, handoffs_too: bool = True, skipped: tuple[str, ...] = ()
) -> None:
    """End a run at once: nothing more of it goes out; what is on its way or was asked for is called off."""
    state, because = context.state, f"{run.play} stopped: {why}"
    for task in [t for t in state.tasks.values() if t.run == run.key and t.settles is None]:
        cancel_task(context, task, because)
    for enrolment in [one for one in state.enrolments.values() if one.run == run.key]:
        enrolments.stop(context, enrolment, because)
    for approval in [a for a in state.approvals.values() if a.run == run.key]:
        drop_approval(context, approval, because)
    for handoff in [h for h in state.handoffs.values() if handoffs_too and h.run == run.key]:
        handoffs.drop(context, handoff, because)
    for pending in [p for p in state.pending.values() if p.run == run.key and can_be_called_off(p)]:
        if handoffs_too or pending.does != "hand_over":
            context.call_off(pending.effect, because)
    context.note(
        e.PlayEnded(
            at=context.now, run=run.key, play=run.play, how="stopped", why=why, skipped_required=skipped,
            contact=run.contact,
        )
    )  # fmt: skip


def can_be_called_off(pending: Pending) -> bool:
    """Whether an effect of a play that stopped is called off, if it is not too late."""
    return pending.does in _END_WITH_PLAYS or pending.again_at is not None


def is_wanted(context: DecisionContext, pending: Pending, effect: Effect | None) -> bool:
    """Whether an effect that was not handed over should be tried again: nobody called off what it is about."""
    match effect:
        case CreateTask():
            return effect.task in context.state.tasks
        case EnrolContact():
            return effect.enrolment in context.state.enrolments
        case HandOver():
            return effect.handoff in context.state.handoffs
        case RequestApproval():  # whoever has answered is not asked again
            asked = context.state.approvals.get(effect.approval)
            return asked is not None and asked.waits_for == effect.role
        case StartSubscription() | ChangeSubscription() | CancelSubscription():
            return is_still_billed(context.state, effect)
        case SendDocument() if (document := context.state.documents.get(effect.id)) is not None and (
            document.recalled is not None or document.standing == "over"  # another one was signed meanwhile
        ):
            return False
        case WithdrawDocument():  # once the buyer has answered, there is nothing to take back
            return any(
                one.withdrawal == effect.id and one.standing != "over" for one in context.state.documents.values()
            )
    return pending.run is None or pending.run in context.state.runs


def end_finished(context: DecisionContext) -> None:
    """Close the runs that have nothing left to do or to wait for."""
    done = [run for run in context.state.runs.values() if not run.planned and not run.gate]
    busy = _busy(context) if done else frozenset()
    for run in done:
        if run.key not in busy:
            cool_off.after_run(context, run)
            context.note(
                e.PlayEnded(
                    at=context.now, run=run.key, play=run.play, how="finished", why="all steps done",
                    contact=run.contact,
                )
            )  # fmt: skip


def is_under_way(context: DecisionContext, run: Run) -> bool:
    """Whether a run has something left to do or to wait for."""
    return bool(run.planned or run.gate) or run.key in _busy(context)


def _busy(context: DecisionContext) -> frozenset[str | None]:
    """The runs of which something is under way, or asked for."""
    state = context.state
    waits = (state.pending, state.tasks, state.enrolments, state.approvals, state.handoffs)
    return frozenset(one.run for asked in waits for one in asked.values())


def visit_of(context: DecisionContext, play: Play) -> int:
    """The visit that a run of a play belongs to now."""
    return WHOLE_DEAL_VISIT if context.playbook.is_whole_deal(play.name) else context.state.visit
