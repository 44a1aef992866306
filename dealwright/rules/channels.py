"""Whom a person may reach by a channel, and when: what contacts wish, the channel's hours, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dealwright import consent
from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.contacts import in_roles
from dealwright.deal import Contact
from dealwright.effects import Cap, CreateTask, Effect, Outcome
from dealwright.facts import ChannelRefused
from dealwright.facts.outreach import WRITTEN
from dealwright.playbook.language.channel_rules import ChannelLimit, ChannelRule
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.rules import reaching
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.message_times import PutOff
from dealwright.rules.planning import plan, plan_next
from dealwright.rules.tasks import cancel_task, withhold_task
from dealwright.state import Task
from dealwright.values.addresses import normal
from dealwright.values.phone_numbers import e164

_LOOK_AGAIN = Span.parse("1bd")
_NO_RULE = ChannelRule()


def whom(context: DecisionContext, step: WorkStep, only: str | None) -> Contact | str | None:
    """Whom a person may reach by a step's channel; why nobody; None where the deal knows no contact who is meant.

    ``only`` is the one contact whom the step's play runs for, by id.
    """
    channel = step.channel or ""
    contacts = _meant(context, step, only)
    reasons = {one.id: _reason_against(context, one, channel) for one in contacts}
    free = [one for one in contacts if reasons[one.id] is None]
    return free[0] if free else next(iter(reasons.values()), None)


def _meant(context: DecisionContext, step: WorkStep, only: str | None) -> tuple[Contact, ...]:
    if only is not None:
        return tuple(filter(None, (consent.contact_of(context.state, only),)))
    return (context.deal.contacts or ()) if step.to is None else in_roles(context.state, (step.to,))


def _reason_against(context: DecisionContext, contact: Contact, channel: str) -> str | None:
    wish = context.state.channel_wishes.get(f"{channel} {contact.id}")
    if wish is not None and not wish.allowed:
        return f"the contact refused the channel {channel}"
    if channel in WRITTEN and contact.id in context.state.opted_out:
        return "the contact opted out"
    if rule_of(context, channel).consent == "needed" and wish is None:
        return f"the contact has not allowed the channel {channel}"
    return None


def not_before(context: DecisionContext, channel: str, contact: Contact | None) -> PutOff | None:
    """What keeps a person from reaching a contact now; None for nothing."""
    rule = rule_of(context, channel)
    away = consent.away_until(context.state, contact, context.now) if contact else None
    if away is not None:
        return PutOff(_in_hours(context, rule, contact, away), f"{contact.id if contact else ''} is away")
    if rule.limit is not None and contact is not None:
        free = free_at(context, rule.limit, channel, contact)
        if free is not None:
            return PutOff(_in_hours(context, rule, contact, free), f"the limit of the channel {channel} is reached")
    opens = _in_hours(context, rule, contact, context.now)
    return PutOff(opens, f"outside the hours of the channel {channel}") if opens > context.now else None


def rule_of(context: DecisionContext, channel: str) -> ChannelRule:
    """What the playbook says of a channel."""
    return {str(name): rule for name, rule in context.playbook.channels.items()}.get(channel, _NO_RULE)


def _in_hours(context: DecisionContext, rule: ChannelRule, contact: Contact | None, at: datetime) -> datetime:
    if rule.hours is None:
        return at
    return context.calendar_for(contact).model_copy(update={"hours": rule.hours}).next_open(at)


def free_at(
    context: DecisionContext, limit: ChannelLimit, channel: str, contact: Contact, besides: str = ""
) -> datetime | None:
    """When the contact may be reached again, if not now; what is asked for and still open counts too.

    So does a text message of which it is not known yet whether it went out; ``besides`` is the one that asks.
    """
    key, per = f"{channel} {contact.id}", context.length(limit.per)
    reached = (*context.state.channel_touches.get(key, ()), *_on_their_way(context, channel, contact, besides))
    recent = [at for at in reached if at > context.now - per]
    asked = sum((task.channel, task.reaches) == (channel, contact.id) for task in context.state.tasks.values())
    if len(recent) + asked < limit.max:
        return None
    if len(recent) >= limit.max:
        return sorted(recent)[-limit.max] + per
    return context.by_then(context.stage.owner, _LOOK_AGAIN)


def _on_their_way(context: DecisionContext, channel: str, contact: Contact, besides: str) -> Iterator[datetime]:
    """When messages of ours by a channel were started that may have gone out since."""
    for one in context.state.pending.values():
        ours = one.does == f"send_{channel}" and one.contact == contact.id and one.effect != besides
        if ours and one.again_at is None:
            yield one.started_at


def caps_for(context: DecisionContext, channel: str | None, contact: Contact | None) -> tuple[Cap, ...]:
    """What the store counts for a contact over all deals, where a channel has a limit."""
    limit = rule_of(context, channel).limit if channel is not None else None
    address = (contact.email or e164(contact.phone)) if contact is not None else None
    if channel is None or limit is None or not address:
        return ()
    return (Cap(scope=channel, key=normal(address), per=context.length(limit.per), most=limit.max),)


def mind(context: DecisionContext, taken: e.FactTaken) -> None:
    """Nobody is asked any more to reach a contact by a channel that they refused."""
    if taken.fact != ChannelRefused.name or context.state.finished:
        return
    refused = {taken.contact, *(taken.concerns or ())}
    for task in [one for one in context.state.tasks.values() if one.channel == taken.variant]:
        if task.reaches in refused and _reason_against_id(context, task) is not None:
            _leave_out(context, task, f"the contact refused the channel {taken.variant}")


def _reason_against_id(context: DecisionContext, task: Task) -> str | None:
    contact = consent.contact_of(context.state, task.reaches)
    return None if contact is None or task.channel is None else _reason_against(context, contact, task.channel)


def hear_elsewhere(context: DecisionContext, outcome: Outcome, effect: Effect | None) -> bool:
    """Take in that the store held back what reaches a contact, for what other deals know. True when it was that.

    The step comes again when it may: then for whoever may be reached. Work that another person had before is dropped.
    """
    if not isinstance(effect, CreateTask) or effect.channel is None or outcome.status != "deferred":
        return False
    why, pending = outcome.reason or "another deal has reached them", context.state.pending.get(effect.id)
    at = reaching.when_again(context, outcome, effect)
    if pending is not None:
        context.note(pending.called_off(context.now, why).model_copy(update={"status": "deferred"}))
        context.settle_attention(f"effect:{pending.effect}", "no longer wanted")
    if (task := context.state.tasks.get(effect.task)) is None:
        return True
    withhold_task(context, task, why)
    run = context.state.runs.get(task.run or "")
    play = context.playbook.play(run.play) if run else None
    if run is None or play is None or task.step is None or task.step >= len(play.actions):
        return True
    if task.id != context.id_of_step(run, task.step):
        _go_on_without(context, task, why)
        return True
    planned = plan(context, play, task.step, context.now, run.contact)
    planned = planned.model_copy(update={"due_at": at, "held_back": True})
    context.note(e.StepPlanned(at=context.now, run=run.key, planned=planned, why=why))
    return True


def _leave_out(context: DecisionContext, task: Task, why: str) -> None:
    cancel_task(context, task, why)
    _go_on_without(context, task, why)


def _go_on_without(context: DecisionContext, task: Task, why: str) -> None:
    if task.run is None or task.step is None or task.run not in context.state.runs:
        return
    context.note(e.StepSkipped(at=context.now, run=task.run, index=task.step, label=task.title, why=why))
    context.happen("step_skipped", task.name, contact=task.contact)
    if task.gates_next:
        plan_next(context, task.run, task.step, context.now)
