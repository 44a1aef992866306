"""Who sells, when they work, and how much they may send."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag

from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.durations import Span
from dealwright.calendar.working_hours import WorkingHours, enough
from dealwright.calendar.zones import UnknownRegion, region_of
from dealwright.playbook.language.condition_syntax import Condition
from dealwright.playbook.language.fields import Word
from dealwright.values.recorded import Given, Name

OF_CONTACT = "contact"
"""Stands where a role's zone or country stands, for whoever works where the deal's first contact is."""
OwnHours: TypeAlias = Annotated[WorkingHours, AfterValidator(enough)]
"""The hours of the week of one person, or of whoever holds a role."""


class Role(Given):
    """Somebody's part in selling. A deal says who holds each role; these are what holds where it does not."""

    title: Name | None = None
    """What the role is called."""
    reports_to: Word | None = None
    """The role that is told of delays."""
    stand_in: Word | None = None
    """The role that may answer approvals too while nobody holds this one, or once it is late."""
    name: Name | None = None
    """Who holds it in deals that do not say."""
    email: Name | None = None
    """Their address."""
    timezone: Name | None = None
    """Their time zone, such as Europe/Berlin; contact for that of the deal's first contact."""
    country: Name | None = None
    """Their country or subdivision, such as DE or US-CA: its public holidays are kept; contact as for the zone."""
    hours: OwnHours | None = None
    """The hours of the week in which whoever holds it works; without them, those of the calendar."""

    @property
    def fixed_timezone(self) -> str | None:
        """Their time zone, where it is the same in all deals."""
        return None if self.timezone == OF_CONTACT else self.timezone

    @property
    def fixed_country(self) -> str | None:
        """Their country, where it is the same in all deals."""
        return None if self.country == OF_CONTACT else self.country


class CalendarRule(Given):
    """When the team works and contacts are written to.

    Times are those of the person concerned (contact or owner) where theirs are known, else of an owner's role;
    else these. Who asks for somebody's hours asks ``calendars``.
    """

    hours: WorkingHours = WorkingHours.parse("Mon-Fri 09:00-17:00")
    """The hours of the week, such as Mon-Fri 09:00-17:00."""
    timezone: Name = "UTC"
    """For whoever has no time zone of their own."""
    holidays: Name | None = None
    """For whoever has no country of their own: DE, US-CA."""

    def calendar_in(self, timezone: str | None, country: str | None, hours: WorkingHours | None = None) -> Calendar:
        """The business time in that zone and country, in those hours; the team's where they are not known."""
        holidays = _holidays_in(country) if country else self.holidays
        return Calendar(hours=hours or self.hours, timezone=timezone or self.timezone, holidays=holidays)


def _holidays_in(country: str) -> str | None:
    try:
        return region_of(country)
    except UnknownRegion:
        return None  # a country whose holidays nobody has written down: none are kept there


class Rate(Given):
    """At most ``max`` marketing messages within any ``per``; with ``service``, of those that are none as well."""

    per: Span
    """In any time as long as this."""
    max: Annotated[int, Field(ge=1, le=10_000)]
    """At most so many."""
    service: bool = False
    """Whether messages that are no marketing count, and wait, too."""


class CoolOff(Given):
    """For how long people who did not answer get no marketing, and from which deals they do all the same."""

    per: Span
    """For so long."""
    unless: Condition | None = None
    """Deals for which this is true write all the same."""


def _cooled_by(written: object) -> str:
    return "a rule" if isinstance(written, (CoolOff, dict)) else "a duration"


Cooling: TypeAlias = Annotated[
    Annotated[Span, Tag("a duration")] | Annotated[CoolOff, Tag("a rule")], Discriminator(_cooled_by)
]
"""For how long, and perhaps but for which deals."""


class Limits(Given):
    """What holds over all deals; the ledger counts."""

    touches_per_contact: Rate | None = None
    """Messages to one contact."""
    touches_per_account: Rate | None = None
    """Messages to all contacts of one account."""
    sends_per_rep: Rate | None = None
    """Messages from one person."""
    sends_per_mailbox: Rate | None = None
    """Messages from one address; whoever has none writes from the team's."""
    cool_off: Cooling | None = None
    """For how long nobody gets marketing after a cadence without an answer, a lost deal, or an opt-out."""

    @cached_property
    def cooling(self) -> CoolOff | None:
        """The cool-off, however it is written."""
        return CoolOff(per=self.cool_off) if isinstance(self.cool_off, Span) else self.cool_off
