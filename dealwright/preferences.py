"""How people want to be told of their work: by which channel, and at once or in a morning's digest."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.working_hours import WorkingHours
from dealwright.calendar.zones import Region, ZoneName
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.values.recorded import Bounded

Channel: TypeAlias = Literal["mail", "slack", "none"]
Delivery: TypeAlias = Literal["at_once", "digest"]


def _time_of_day(given: object) -> object:
    """Refuse what is no time of day in words, not by the pattern that the API's description has."""
    if given is not None and not (isinstance(given, str) and _TIME_OF_DAY.fullmatch(given)):
        raise BadValue("this is no time of day", "write hours and minutes, such as 08:00 or 17:30")
    return given


_TIME_OF_DAY = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")
LocalTime = Annotated[str, StringConstraints(pattern=f"^{_TIME_OF_DAY.pattern}$"), BeforeValidator(_time_of_day)]
"""A time on the wall clock: ``08:00``."""
_WORKING_DAYS = WorkingHours.parse("Mon-Fri 00:00-24:00")


class ChosenPreferences(Bounded):
    """What a person chose. Where they chose nothing, the installation's default holds."""

    channel: Channel | None = Field(
        default=None, description="By which way: mail, direct messages in Slack, or not at all.", examples=["mail"]
    )
    delivery: Delivery | None = Field(
        default=None, description="Each thing at once, or all that is new in one digest a day.", examples=["digest"]
    )
    digest_at: LocalTime | None = Field(
        default=None, description="When the digest comes, on the person's own clock.", examples=["08:00"]
    )
    timezone: ZoneName | None = Field(
        default=None, description="The person's time zone, by its IANA name.", examples=["Europe/Berlin"]
    )
    holidays: Region | None = Field(
        default=None,
        description="A country (`DE`) or a part of one (`DE-BE`): no digest comes on its public holidays.",
        examples=["DE-BE"],
    )


class Preferences(BaseModel):
    """What holds for a person."""

    model_config = ConfigDict(frozen=True)

    channel: Channel = Field(default="mail", description="By which way.", examples=["mail"])
    delivery: Delivery = Field(default="at_once", description="At once, or in a digest.", examples=["digest"])
    digest_at: LocalTime = Field(default="08:00", description="When the digest comes.", examples=["08:00"])
    timezone: ZoneName = Field(default="UTC", description="The person's time zone.", examples=["Europe/Berlin"])
    holidays: Region | None = Field(default=None, description="Whose public holidays they keep.", examples=["DE-BE"])

    def with_chosen(self, chosen: ChosenPreferences) -> Preferences:
        """These, where the person chose nothing else."""
        return self.model_copy(update=chosen.model_dump(exclude_none=True))

    def today(self, now: datetime) -> str:
        """The person's own day, as ISO 8601 writes it."""
        return now.astimezone(ZoneInfo(self.timezone)).date().isoformat()

    def digest_moment(self, now: datetime) -> datetime | None:
        """When today's digest was due; None before that, and on a day that is no working day."""
        zone = ZoneInfo(self.timezone)
        moment = datetime.combine(now.astimezone(zone).date(), time.fromisoformat(self.digest_at), zone)
        days = Calendar(hours=_WORKING_DAYS, timezone=self.timezone, holidays=self.holidays)
        return moment if moment <= now and days.is_open(moment) else None
