"""What tools that record conversations tell: that people talked, and what they suggest as the next step."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from dealwright.facts.base import Address, Fact
from dealwright.values.recorded import Day, Given, Name, Reference, Text

__all__ = ["ConversationRecorded", "NextStepSuggested"]

Lasted = Annotated[timedelta, Field(ge=timedelta(), le=timedelta(days=1))]
Link = Annotated[str, Field(min_length=1, max_length=2000)]


class Party(Given):
    """Somebody who took part in a conversation: one of the deal's contacts, or somebody else."""

    contact: Name | None = None
    """The contact, by id."""
    address: Address | None = None
    """Their e-mail address: a contact who has it is meant."""
    name: Name | None = None
    """What the tool calls them."""
    ours: bool = False
    """Whether they are one of our own people."""


class ConversationRecorded(Fact):
    """A conversation took place, and a tool has a record of it. ``at`` is when it began.

    It counts as contact with those of the deal's contacts who took part. The same conversation that another tool
    tells of as well (at the same time, with one of the same contacts) counts once.
    """

    name = "conversation_recorded"
    conversation: Reference
    """Which conversation, as the tool calls it."""
    title: Text | None = None
    lasted: Lasted | None = None
    """How long it lasted: seconds, or an ISO 8601 duration (``PT30M``)."""
    url: Link | None = None
    """Where it can be listened to, or read."""
    parties: Annotated[tuple[Party, ...], Field(max_length=100)] = ()
    """Who took part, on both sides."""


class NextStepSuggested(Fact):
    """A tool suggests a next step, such as an action item of a conversation; ``by`` says whose words they are.

    Whoever has the deal is asked: they accept it, which makes it a task, change it, or dismiss it. Nothing is sent to
    anybody by it. ``at`` is when the conversation took place: what was answered since is not asked again.
    """

    name = "next_step_suggested"
    always_decided = True
    text: Annotated[str, Field(min_length=1, max_length=500)]
    """What is to be done, in a sentence or two."""
    due: Day | None = None
    """By which day, where that was said."""
    conversation: Reference | None = None
    """The conversation that it comes from, as the tool calls it."""
