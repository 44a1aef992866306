"""What meetings and demos tell: booked, held, missed, called off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from dealwright.deal import Known, Meeting
from dealwright.facts.base import AboutThing, Fact
from dealwright.values.recorded import Day, Moment, Name

__all__ = [
    "DemoBooked",
    "DemoCancelled",
    "DemoHeld",
    "DemoMissed",
    "DiscoveryHeld",
    "MeetingBooked",
    "MeetingCancelled",
    "MeetingHeld",
    "MeetingMissed",
    "NextStepAgreed",
]


class _AboutMeeting(AboutThing):
    thing = "meeting"
    teaches = ("meeting",)
    meeting: Name | None = None
    """Which meeting, as the calendar calls it."""

    @property
    def named(self) -> str | None:
        return self.meeting


class _AboutDemo(AboutThing):
    thing = "demo"
    teaches = ("demo",)
    demo: Name | None = None
    """Which demo, as the calendar calls it."""

    @property
    def named(self) -> str | None:
        return self.demo


class _Booked(AboutThing):
    turn = "begins"
    status = "booked"
    starts_at: Moment
    link: Name | None = None

    def says(self) -> Iterator[tuple[str, object]]:
        yield "starts_at", self.starts_at
        if "link" in self.model_fields_set:
            yield "link", self.link


class _Ended(AboutThing):
    starts_at: Moment | None = None
    """When it was to begin: tells which one is meant, where nobody named it."""


class _TookPlace(_Ended):
    """A conversation with the buyer took place."""

    turn, status = "goes_well", "held"
    attended: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    """The contacts who took part, by id; without it, whom messages go to."""


class MeetingBooked(_Booked, _AboutMeeting):
    """A first meeting stands in both calendars; told again with another time, it was moved."""

    name = "meeting_booked"
    for_a_person = True
    dates = ("meeting.starts_at",)

    def learn(self) -> Known | None:
        return Known(meeting=Meeting(id=self.meeting, starts_at=self.starts_at, link=self.link))


class MeetingHeld(_TookPlace, _AboutMeeting):
    """The meeting took place."""

    name = "meeting_held"


class MeetingMissed(_Ended, _AboutMeeting):
    """The buyer did not come to the meeting."""

    name, turn, status = "meeting_missed", "goes_badly", "missed"


class MeetingCancelled(_Ended, _AboutMeeting):
    """The meeting was called off."""

    name, turn, status = "meeting_cancelled", "goes_badly", "cancelled"


class DiscoveryHeld(_TookPlace, _AboutMeeting):
    """The discovery conversation took place: the first meeting was held."""

    name = "discovery_held"


class NextStepAgreed(Fact):
    """Both sides agreed what happens next, and when."""

    name = "next_step_agreed"
    teaches = ("next_step_on",)
    on: Day | None = None

    def learn(self) -> Known | None:
        return Known(next_step_on=self.on)


class DemoBooked(_Booked, _AboutDemo):
    """A demo stands in both calendars; told again with another time, it was moved."""

    name = "demo_booked"
    for_a_person = True
    dates = ("demo.starts_at",)

    def learn(self) -> Known | None:
        return Known(demo=Meeting(id=self.demo, starts_at=self.starts_at, link=self.link))


class DemoHeld(_TookPlace, _AboutDemo):
    """The demo took place."""

    name = "demo_held"


class DemoMissed(_Ended, _AboutDemo):
    """The buyer did not come to the demo."""

    name, turn, status = "demo_missed", "goes_badly", "missed"


class DemoCancelled(_Ended, _AboutDemo):
    """The demo was called off."""

    name, turn, status = "demo_cancelled", "goes_badly", "cancelled"
