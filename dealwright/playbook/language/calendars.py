"""Whose hours hold: the one place that knows when somebody is at work, or may be written to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache

from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.working_hours import BadHours, WorkingHours, enough
from dealwright.deal import Contact, Person
from dealwright.playbook.language.team import OF_CONTACT, CalendarRule, Role

_NOBODY = Person(name="")
_NO_CONTACT = Contact(id="", name="")
_AS_THE_TEAM = Role()


class Calendars:
    """The business times of a playbook. Each is made once; to ask for the same again costs nothing."""

    def __init__(self, rule: CalendarRule, roles: Mapping[str, Role]) -> None:
        self._rule, self._roles = rule, roles
        self._of = lru_cache(maxsize=1024)(self._made_of)
        self._of_contact = lru_cache(maxsize=1024)(rule.calendar_in)

    @cached_property
    def team(self) -> Calendar:
        """Of nobody in particular."""
        return self._rule.calendar_in(None, None)

    def of(self, role: str, person: Person | None, contact: Contact | None) -> Calendar:
        """Of whoever holds a role: their own hours, zone and holidays, else the role's, else the team's.

        Each of the three is looked up for itself: whoever has only a zone of their own works the role's hours there.
        ``contact`` is the deal's first, in whose zone and country a role may work.
        """
        own, rule = person or _NOBODY, self._roles.get(role, _AS_THE_TEAM)
        there = contact or _NO_CONTACT
        zone = there.timezone if rule.timezone == OF_CONTACT else rule.timezone
        country = there.country if rule.country == OF_CONTACT else rule.country
        return self._of(role, own.timezone or zone, own.country or country, own.hours)

    def of_contact(self, timezone: str | None, country: str | None) -> Calendar:
        """When somebody of the buyer's side may be written to: in the team's hours, in their zone.

        Whoever writes works other hours, perhaps; that is nothing to the contact.
        """
        return self._of_contact(timezone, country)

    def _made_of(self, role: str, timezone: str | None, country: str | None, hours: str | None) -> Calendar:
        rule = self._roles.get(role, _AS_THE_TEAM)
        own = None if hours is None else _read(hours)
        return self._rule.calendar_in(timezone, country, own or rule.hours)


def _read(hours: str) -> WorkingHours | None:
    try:
        return enough(WorkingHours.parse(hours))
    except BadHours:
        return None  # nothing checks what a deal was opened with long ago
