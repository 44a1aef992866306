"""Whose business time a deal goes by: its owner's, and that of whoever holds a role."""

from __future__ import annotations

from datetime import datetime

from dealwright.calendar.business_calendar import Calendar
from dealwright.deal import Deal
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.model import Playbook
from dealwright.state import DealState


def calendar_of(playbook: Playbook, deal: Deal | None, role: str) -> Calendar:
    """The business calendar of whoever holds a role."""
    person = (deal.owners or {}).get(role) if deal else None
    rule = playbook.roles.get(role)
    zone = (person.timezone if person else None) or (rule.timezone if rule else None)
    country = (person.country if person else None) or (rule.country if rule else None)
    return playbook.calendar_in(zone, country)


def clock_for(state: DealState, playbook: Playbook, now: datetime) -> Clock:
    """What time it is for a deal, in the calendar of its owner."""
    return Clock(now, calendar_of(playbook, state.deal, state.owner_role or playbook.stages[0].owner))
