"""What became of an effect."""

from __future__ import annotations

from typing import Literal

from dealwright.values.recorded import AwareDatetime, Recorded


class Conversation(Recorded):
    """A conversation by mail, as far as a message has brought it: what the next one in it has to carry on."""

    subject: str
    references: tuple[str, ...]
    """The Message-IDs of its messages, that message's own last."""


class Outcome(Recorded):
    """What became of an effect.

    ``done``: handed over, or found to have been. ``skipped``: the last checks forbade it (suppressed,
    too late). ``deferred``: a cap is full, or the addressee away, until ``until``. ``not_done``: this
    block of attempts ended without handing over; nothing is lost, the same id may be started again.
    ``failed``: the other side refused for good. ``uncertain``: it may or may not have been handed over.
    ``withdrawn``: it was no longer wanted, and had not been handed over yet.
    """

    effect: str
    kind: str
    status: Literal["done", "skipped", "deferred", "not_done", "failed", "uncertain", "withdrawn"] | str
    reason: str | None = None
    until: AwareDatetime | None = None
    away_since: AwareDatetime | None = None
    """Of what is put off until its contact is back: when another deal was told that they are away."""
    refused_at: AwareDatetime | None = None
    """Of work that reaches a contact by a channel: when another deal was told that they do not want that."""
    at: AwareDatetime | None = None
    """When it was handed over, in the deal's time."""
    reference: str | None = None
    """What the other side calls it: a Message-ID, a task's id in the CRM."""
    link: str | None = None
    """Of a document, where the buyer reads it, if its tool brings it to nobody."""
    conversation: Conversation | None = None
    """For a message: the conversation that it stands in."""
    journaled: bool = False
    """Whether the entries that travelled with the effect are in the journal."""
