"""Plays that run for each contact, as contacts come, change their role, leave, and get an address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dealwright.calendar.durations import Span
from dealwright.consent import contact_of
from dealwright.contacts import in_roles, is_about_somebody
from dealwright.deal import Contact
from dealwright.entries import FactTaken, PlayDelayed
from dealwright.facts import FACTS, AboutThing
from dealwright.playbook.language.contacts import PutOffBy
from dealwright.playbook.language.plays import Play
from dealwright.rules.actions.email import NO_ADDRESS, no_address_of
from dealwright.rules.crossings import crossing_of
from dealwright.rules.dates import known_since, thing_of
from dealwright.rules.decision_context import DecisionContext, Event
from dealwright.rules.plays import Cause, because_of, begin, counts_up, may_begin, start, stop
from dealwright.state import DealState, Run


def follow(context: DecisionContext) -> bool:
    """Let plays follow the contacts, where these changed. True when they did.

    The run of a contact who is not meant any more stops. Who is meant from now on gets a run of their own, as long as
    the play could still begin for them.
    """
    before, context.contacts_before = context.contacts_before, None
    if before is None:
        return False
    _settle_addresses(context)
    for run in [run for run in context.state.runs.values() if run.contact is not None]:
        play = context.playbook.play(run.play)
        if play is not None and play.for_each is not None and not _is_meant(play, context.state, run.contact):
            stop(context, run, f"{run.contact} is not one of its contacts any more")
    for play in (*context.playbook.plays, *context.stage.plays):
        if play.for_each is not None:
            _let_join(context, play, before)
    return True


def begin_late(context: DecisionContext, event: Event, told_at: datetime) -> None:
    """Let plays that run for each contact begin for whom a fact is about that was told before they were known.

    Those of a stage begin if it was told in this visit of the stage, and none by what was told before the deal was
    opened again. All others began when it was told.
    """
    reopened_at, visit_since = context.state.reopened_at, context.state.visit_since
    if not is_about_somebody(event.key) or (reopened_at is not None and told_at <= reopened_at):
        return
    for play in context.playbook.listening(context.state.stage, event.key):
        in_time = context.playbook.is_whole_deal(play.name) or visit_since is None or event.number > visit_since[1]
        is_new = set(event.heard_as).isdisjoint(play.hears)
        if play.for_each is not None and in_time and is_new and (counts := counts_up(context, play, event)) is not None:
            begin(context, play, Cause.of(counts, f"{because_of(event)}, and it is known of whom", context))


def mind_colleagues(context: DecisionContext, reply: FactTaken) -> None:
    """Let the runs of whoever did not write themselves stop or wait, where their play says so."""
    if not reply.written_by_them:
        return
    for run in [run for run in context.state.runs.values() if run.contact not in {None, *reply.concerns}]:
        play = context.playbook.play(run.play)
        if play is None or reply.happened_at < (run.since_at or run.trigger_at):
            continue
        if play.when_colleague_replies == "stop":
            stop(context, run, "a colleague replied")
        elif isinstance(play.when_colleague_replies, PutOffBy):
            _put_off(context, run, reply.happened_at, play.when_colleague_replies.delay)


def _put_off(context: DecisionContext, run: Run, since: datetime, by: Span) -> None:
    """Let nothing of a run come before so much time has passed; never earlier than it would have come."""
    calendar = context.calendar_for(contact_of(context.state, run.contact))
    until = calendar.next_open(calendar.add(since, by))
    if until > max(context.now, run.not_before or context.now):
        why = "a colleague replied"
        context.note(PlayDelayed(at=context.now, run=run.key, play=run.play, contact=run.contact, until=until, why=why))


def _is_meant(play: Play, state: DealState, contact: str | None) -> bool:
    return play.for_each is not None and any(one.id == contact for one in play.for_each.contact.of(state))


def _let_join(context: DecisionContext, play: Play, before: tuple[Contact, ...]) -> None:
    """Start a play for those contacts whom it means only now; nobody gets it twice for one cause."""
    if play.for_each is None or context.state.deal is None:
        return
    then = context.state.model_copy(update={"deal": context.deal.model_copy(update={"contacts": before})})
    new = [one.id for one in play.for_each.contact.of(context.state) if not _is_meant(play, then, one.id)]
    if not new or (cause := _open_cause(context, play)) is None:
        return
    for contact in new:
        had_it = context.state.begun_for.get(f"{play.name} {contact}") == cause.caused_at
        if not had_it and may_begin(context, play, cause, contact):
            start(context, play, cause, crossing_of(play, cause.trigger, cause.about), contact=contact)


def _open_cause(context: DecisionContext, play: Play) -> Cause | None:
    """What started a play and still would start it; None when it has not come, or is over.

    Still: while the deal is in the stage in which it came, or while the play goes on for another contact.
    """
    running = [run for run in context.state.runs.values() if run.play == play.name]
    if running:
        return _cause_of(context, running[-1])
    if play.dated is not None:
        return _date_ahead(context, play)
    since = context.state.visit_since
    found = [one for one in _came(context, play) if since is None or one.since is None or one.since >= since]
    return max(found, key=lambda one: one.caused_at, default=None)


def _cause_of(context: DecisionContext, run: Run) -> Cause | None:
    if run.trigger is not None and is_about_somebody(run.trigger):
        return None
    since = (run.since_at or run.trigger_at, run.since)
    return Cause(_because(run.trigger), context.now, since, run.trigger, run.about, run.dated_by)


def _date_ahead(context: DecisionContext, play: Play) -> Cause | None:
    """The date that started a play, while it is still to come."""
    anchor = context.state.dated.get(play.name)
    if play.dated is None or anchor is None or not play.dated.before or anchor <= context.now:
        return None
    since, about = known_since(context, play.dated.anchor), thing_of(context, play.dated)
    return Cause(_because(None), context.now, since, about=about, anchor=anchor)


def _came(context: DecisionContext, play: Play) -> Iterator[Cause]:
    """What a play listens to and has come, the latest of each."""
    for key in play.on if isinstance(play.on, tuple) else ():
        name, _, variant = key.partition(":")
        if name == "entered":
            if variant in {"", context.state.stage} and context.state.visit_since is not None:
                yield Cause(_because(key), context.now, context.state.visit_since, key)
        elif not is_about_somebody(key) and (it := context.state.happened.get(key)) is not None:
            yield Cause(_because(key), context.now, (it.at, it.number), key, _thing_in_focus(context.state, name))


def _thing_in_focus(state: DealState, fact: str) -> str | None:
    told = FACTS.get(fact)
    if told is None or not issubclass(told, AboutThing) or told.thing not in state.focus:
        return None
    return f"{told.thing}/{state.focus[told.thing]}"


def _because(trigger: str | None) -> str:
    what = "its date" if trigger is None else trigger.replace("_", " ").replace(":", ": ")
    return f"{what}, and they are one of its contacts now"


def _settle_addresses(context: DecisionContext) -> None:
    """Nobody has to look for the address of a contact who has one now, or who left."""
    for point in [each for each in context.state.attention if each.startswith(f"{NO_ADDRESS}-in:")]:
        if any(one.email for one in in_roles(context.state, (point.partition(":")[2],))):
            context.settle_attention(point, "somebody in that role has an address now")
    missing = {no_address_of(one.id) for one in context.deal.contacts or () if not one.email}
    for point in [each for each in context.state.attention if each.startswith(f"{NO_ADDRESS}:")]:
        if point not in missing:
            context.settle_attention(point, "they have an address now, or are no contact any more")
