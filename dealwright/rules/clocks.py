"""Whose business time a deal goes by, and when a time is that is reckoned from a date."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from dealwright.calendar.business_calendar import Calendar
from dealwright.deal import Deal
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.model import Playbook
from dealwright.state import DealState

_BUSINESS_TIME = {"bd", "bh", "bm"}


def calendar_of(playbook: Playbook, deal: Deal | None, role: str) -> Calendar:
    """The business calendar of whoever holds a role."""
    person = (deal.owners or {}).get(role) if deal else None
    return playbook.calendars.of(role, person, deal.contact if deal else None)


def clock_for(state: DealState, playbook: Playbook, now: datetime) -> Clock:
    """What time it is for a deal, in the calendar of its owner."""
    return Clock(now, calendar_of(playbook, state.deal, state.owner_role or playbook.stages[0].owner))


def time_of(dated: Dated, playbook: Playbook, state: DealState, clock: Clock) -> tuple[datetime, datetime] | None:
    """The anchor of a dated time and the time itself; None while the date is not known.

    A date without a time of day is taken as its first moment in the owner's zone, and what is reckoned from
    it comes at the opening of a business day.
    """
    value = playbook.path(dated.anchor).read(state)
    if not isinstance(value, date):
        return None
    whole_day = not isinstance(value, datetime)
    calendar, anchor = clock.calendar, clock.first_moment(value)
    since = calendar.next_open(anchor) if whole_day and dated.by.unit in _BUSINESS_TIME else anchor
    at = calendar.subtract(since, dated.by) if dated.before else calendar.add(since, dated.by)
    if dated.at == "opening":
        zone = ZoneInfo(calendar.timezone)
        opening = datetime.combine(at.astimezone(zone).date(), time(), zone).astimezone(UTC)
        at = opening if dated.before else max(opening, anchor)
    return anchor, calendar.next_open(at) if whole_day or dated.at == "opening" else at
