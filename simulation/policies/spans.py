"""How long something is, in the team's calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

from dealwright.calendar.durations import Span
from dealwright.playbook.language.model import Playbook

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def end_of(span: Span, begins_at: datetime, playbook: Playbook) -> datetime:
    """When a span ends: business time is the team's, a day has 24 hours."""
    if span.unit in _UNITS:
        return begins_at + _UNITS[span.unit] * span.amount
    return playbook.calendars.team.add(begins_at, span)


def begin_of(span: Span, ends_at: datetime, playbook: Playbook) -> datetime:
    """When a span begins that ends then."""
    if span.unit in _UNITS:
        return ends_at - _UNITS[span.unit] * span.amount
    return playbook.calendars.team.subtract(ends_at, span)
