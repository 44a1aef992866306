"""Pauses: nothing goes out, until somebody or the time ends them."""

from __future__ import annotations

from datetime import timedelta

from deals import commands as c
from deals import entries as e
from deals.admission import YEARS
from deals.decision import Verdict
from deals.durations import Span
from deals.rules.desk import Desk

_REVIEW_AFTER = Span.parse("20bd")
"""When a pause without an end is looked at first, and again; then after twice as long each time."""


def pause(desk: Desk, command: c.Pause) -> Verdict:
    """Let all plays stand still, until a time or until somebody resumes them."""
    if desk.state.pause is not None:
        return Verdict(accepted=False, text="The deal is paused already.")
    if command.until is not None and command.until <= desk.now:
        return Verdict(accepted=False, text=f"{command.until.isoformat()} is past: give a later time, or none.")
    if command.until is not None and command.until.year not in YEARS:  # some clock could not show it
        return Verdict(
            accepted=False, text=f"{command.until.isoformat()} is too far away: give an earlier time, or none."
        )
    review_at = desk.by_then(desk.stage.owner, _REVIEW_AFTER)
    desk.note(e.Paused(at=desk.now, by=command.by, until=command.until, review_at=review_at))
    text = "Nothing goes out until resume." if command.until is None else f"Paused until {command.until.isoformat()}."
    return Verdict(accepted=True, text=text)


def resume(desk: Desk, command: c.Resume) -> Verdict:
    """Let the plays go on."""
    if desk.state.pause is None:
        return Verdict(accepted=False, text="The deal is not paused.")
    _go_on(desk, command.by)
    return Verdict(accepted=True, text="The deal goes on.")


def review_pause(desk: Desk) -> bool:
    """End a pause whose time is over, or remind of one without an end. True when something was done."""
    pause = desk.state.pause
    if pause is None:
        return False
    if pause.until is not None and pause.until <= desk.now:
        _go_on(desk, "dealwright")
        return True
    if pause.until is None and pause.review_at <= desk.now:
        role = desk.state.owner_role or desk.stage.owner
        text = f"Deal {desk.deal.id} has been paused since {pause.since:%d %b %Y}."
        longer = Span(amount=_REVIEW_AFTER.amount * 2 ** min(pause.reviews, 4), unit=_REVIEW_AFTER.unit)
        review_at = desk.by_then(role, longer)
        desk.note(e.PauseReviewed(at=desk.now, role=role, review_at=review_at))
        desk.tell(role, text, desk.id_for(f"pause/{desk.state.visit}/{desk.state.entries}", "review"))
        return True
    return False


def _go_on(desk: Desk, by: str) -> None:
    """End a pause: what was left of each delay is still left."""
    since = desk.state.pause.since if desk.state.pause else desk.now
    desk.note(e.Resumed(at=desk.now, by=by, delay=max(desk.now - since, timedelta())))
    desk.dates_changed = True
