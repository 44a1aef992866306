"""What Salesloft's API shows, as far as it is read: https://developers.salesloft.com/docs/api/.

Of any other field nothing is asked, and what is missing or null is no mistake: webhooks and lists show the same
records, and not all of them are whole.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

_M = TypeVar("_M", bound=BaseModel)
STATES_OF_THE_END = {
    "completed": "finished", "removed": "stopped", "removed_no_action": "stopped", "reassigned": "stopped",
    "archived": "stopped",
}  # fmt: skip
"""The states of a membership that is over, and how it ended."""


class Record(BaseModel):
    """Anything that Salesloft shows."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Ref(Record):
    """Another record that is meant."""

    id: int | str


class Changed(Record):
    """A record that changes."""

    id: int
    updated_at: AwareDatetime


class Person(Changed):
    """Somebody who may be in cadences."""

    email_address: str | None = None
    do_not_contact: bool | None = None
    bouncing: bool | None = None
    contact_restrictions: tuple[str, ...] | None = None
    """Channels by which they are not to be reached: ``call``, ``email``, ``text``."""

    @property
    def refused(self) -> frozenset[str]:
        """The channels by which they are not to be reached."""
        return frozenset({"email", "call", "text"} if self.do_not_contact else self.contact_restrictions or ())


class MembershipCounts(Record):
    """How often what happened in a cadence to a person, over all the times that they were in it."""

    replies: int | None = None
    bounces: int | None = None


class Membership(Changed):
    """A person in a cadence, or who was in it: of each pair there is one, however often they were added."""

    added_at: AwareDatetime | None = None
    """When they were added the last time."""
    currently_on_cadence: bool | None = None
    person_deleted: bool | None = None
    current_state: str | None = None
    cadence: Ref | None = None
    person: Ref | None = None
    step: Ref | None = None
    counts: MembershipCounts | None = None

    @property
    def is_on(self) -> bool:
        """Whether the person is in the cadence now."""
        if self.person_deleted or self.current_state in STATES_OF_THE_END:
            return False
        return self.currently_on_cadence is not False


class EmailCounts(Record):
    """How often what happened to a mail."""

    replies: int | None = None


class Email(Changed):
    """A mail that was sent. ``status`` stays ``sent`` when it bounces: ``bounced`` says so."""

    recipient_email_address: str | None = None
    sent_at: AwareDatetime | None = None
    bounced: bool | None = None
    counts: EmailCounts | None = None
    recipient: Ref | None = None
    cadence: Ref | None = None


class Call(Changed):
    """A call that was logged."""

    created_at: AwareDatetime
    to: str | None = None
    disposition: str | None = None
    called_person: Ref | None = None
    cadence: Ref | None = None


class Attendee(Record):
    """Somebody who was asked to a meeting."""

    email: str | None = None
    organizer: bool | None = None


class Meeting(Changed):
    """A meeting that was made in Salesloft, or that it read from a calendar."""

    event_id: str | None = None
    """What the calendar calls it."""
    i_cal_uid: str | None = None
    """What all copies of the invitation are called."""

    start_time: AwareDatetime | None = None
    status: str | None = None
    """``pending``, ``booked``, ``failed`` or ``retry``."""
    no_show: bool | None = None
    canceled_at: AwareDatetime | None = None
    recipient_email: str | None = None
    guests: tuple[str, ...] | None = None
    attendees: tuple[Attendee, ...] | None = None
    location: str | None = None
    person: Ref | None = None
    cadence: Ref | None = None


class Task(Changed):
    """Something on somebody's list."""

    current_state: str | None = None
    """``scheduled`` or ``completed``."""
    completed_at: AwareDatetime | None = None

    @property
    def is_done(self) -> bool:
        """Whether it is completed."""
        return self.current_state == "completed"


class User(Record):
    """One of the team."""

    id: int
    email: str | None = None
    active: bool | None = None


class Subscription(Record):
    """Where the webhooks of one type go."""

    id: int
    event_type: str
    callback_url: str
    enabled: bool = True


class One(Record, Generic[_M]):
    """An answer with one record."""

    data: _M


class Many(Record, Generic[_M]):
    """A page of a list."""

    data: tuple[_M, ...] = ()
