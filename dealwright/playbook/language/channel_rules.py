"""What holds for each channel by which people reach contacts: its hours, how often, and whether they must agree."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from dealwright.calendar.durations import Span
from dealwright.calendar.working_hours import WorkingHours
from dealwright.facts.outreach import Channel
from dealwright.values.recorded import Given


class ChannelLimit(Given):
    """At most ``max`` touches of one contact by a channel within any ``per``, in one deal."""

    per: Span
    """In any time as long as this."""
    max: Annotated[int, Field(ge=1, le=1000)]
    """At most so many."""


class ChannelRule(Given):
    """When, how often, and on what terms a channel is used."""

    hours: WorkingHours | None = None
    """The hours of the week, on the contact's clock, in which work of this channel is asked for."""
    limit: ChannelLimit | None = None
    """How often one contact is reached by it."""
    consent: Literal["needed"] | None = None
    """Whether a contact is reached by it only once they allowed it."""


Channels: TypeAlias = dict[Channel, ChannelRule]
"""What holds for each channel."""
