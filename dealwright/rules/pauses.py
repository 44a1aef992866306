"""Pauses: nothing goes out, until somebody or the time ends them."""

from __future__ import annotations

from datetime import datetime, timedelta

from dealwright import commands as c
from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.decision import Verdict
from dealwright.facts import Fact
from dealwright.identity import run_key
from dealwright.rules import held_ends
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.reasons import BEFORE
from dealwright.rules.tasks import cancel_task
from dealwright.validation.field_checks import YEARS

_REVIEW_AFTER = Span.parse("20bd")
"""When a pause without an end is looked at first, and again; then after twice as long each time."""


def pause(context: DecisionContext, command: c.Pause) -> Verdict:
    """Let all plays stand still, until a time or until somebody resumes them."""
    if context.state.pause is not None and context.state.pause.ending is not None:
        return Verdict(accepted=False, text="The deal is held before it ends: resume it first, or say why it ends.")
    if context.state.pause is not None:
        return Verdict(accepted=False, text="The deal is paused already.")
    if command.until is not None and command.until <= context.now:
        return Verdict(accepted=False, text=f"{command.until.isoformat()} is past: give a later time, or none.")
    if command.until is not None and command.until.year not in YEARS:  # some clock could not show it
        return Verdict(
            accepted=False, text=f"{command.until.isoformat()} is too far away: give an earlier time, or none."
        )
    review_at = context.calendar_of_owner.add(context.now, _REVIEW_AFTER)
    context.note(e.Paused(at=context.now, by=command.by, until=command.until, review_at=review_at))
    text = "Nothing goes out until resume." if command.until is None else f"Paused until {command.until.isoformat()}."
    return Verdict(accepted=True, text=text)


def resume(context: DecisionContext, command: c.Resume) -> Verdict:
    """Let the plays go on."""
    if context.state.pause is None:
        return Verdict(accepted=False, text="The deal is not paused.")
    _go_on(context, command.by)
    return Verdict(accepted=True, text="The deal goes on.")


def review_pause(context: DecisionContext) -> bool:
    """End a pause whose time is over, or remind of one without an end. True when something was done."""
    pause = context.state.pause
    if pause is None:
        return False
    if held_ends.end_in_time(context):
        return True
    if pause.until is not None and pause.until <= context.now:
        _go_on(context, "dealwright")
        return True
    if pause.until is None and pause.review_at <= context.now:
        role = context.state.owner_role or context.stage.owner
        text = f"Deal {context.deal.id} has been paused since {pause.since:%d %b %Y}."
        longer = Span(amount=_REVIEW_AFTER.amount * 2 ** min(pause.reviews, 4), unit=_REVIEW_AFTER.unit)
        review_at = context.by_then(role, longer)
        context.note(e.PauseReviewed(at=context.now, role=role, review_at=review_at))
        context.tell(role, text, context.id_for(f"pause/{context.state.visit}/{context.state.entries}", "review"))
        return True
    return False


def go_on_after_a_hold(context: DecisionContext, fact: str) -> None:
    """Let a deal go on that was held before its end, when the fact that would have ended it was none."""
    pause = context.state.pause
    if pause is not None and pause.ending is not None and context.playbook.ended_by(fact) == pause.ending.outcome:
        _go_on(context, "dealwright")


def go_on_as_agreed(context: DecisionContext, fact: Fact, at: datetime) -> None:
    """Let a deal go on that was held before it was given up, when the buyer has agreed since."""
    if held_ends.is_taken_back_by(context, fact, at):
        _go_on_and_tell(context, fact.name.replace("_", " ").capitalize())


def go_on_as_set_in_crm(context: DecisionContext, stage: str, at: datetime) -> None:
    """Let a deal go on that was held before its end, when somebody has set an open stage in the CRM since."""
    if held_ends.happened_after_it(context, at):
        _go_on_and_tell(context, f"Moved to {stage} in the CRM")


def tell_of_a_sign(context: DecisionContext, fact: Fact) -> None:
    """Tell whoever has a deal that stands still that the buyer was heard of meanwhile: perhaps it goes on after all."""
    pause = context.state.pause
    if pause is None or context.state.finished or not fact.is_for_a_person:
        return
    role, said = context.state.owner_role or context.stage.owner, fact.name.replace("_", " ").capitalize()
    what = said + (f" ({fact.variant})" if fact.variant else "")
    is_, play = (f"held before it is {pause.ending.outcome}", "why-it-ends") if pause.ending else ("paused", "pause")
    text = f"{what}, and deal {context.deal.id} is {is_}: resume it if it goes on."
    context.tell(role, text, context.id_for(run_key(play, context.state.visit, context.state.entries), "sign"))


def _go_on_and_tell(context: DecisionContext, why: str) -> None:
    pause = context.state.pause
    if pause is None or pause.ending is None:
        return
    text = f"{why}, so deal {context.deal.id} goes on, and is not {pause.ending.outcome}."
    role = context.state.owner_role or context.stage.owner
    key = run_key("why-it-ends", context.state.visit, context.state.entries)
    _go_on(context, "dealwright")
    context.tell(role, text, context.id_for(key, "goes-on"))


def _go_on(context: DecisionContext, by: str) -> None:
    """End a pause: what was left of each delay is still left."""
    if context.state.pause is not None and context.state.pause.ending is not None:
        context.crm.look_again = True  # its record may show that it is over
        for task in [one for one in context.state.tasks.values() if one.name == BEFORE]:
            cancel_task(context, task, "the deal goes on")
    since = context.paused_since = context.state.pause.since if context.state.pause else context.now
    context.note(e.Resumed(at=context.now, by=by, delay=max(context.now - since, timedelta())))
    context.dates_changed = True
