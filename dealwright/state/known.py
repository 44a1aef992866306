"""When something was last so: a fact that happened, a value in the CRM."""

from __future__ import annotations

from dealwright.values.recorded import AwareDatetime, Recorded


class Happened(Recorded):
    """When something last happened: in the deal's story, and outside."""

    number: int
    at: AwareDatetime


class Counted(Happened):
    """One time of several at which a fact happened: they are counted, and points are given for each."""

    about: str | None = None
    """The meeting, demo, proposal or term that it was about: ``demo/<id>``."""
    concerns: tuple[str, ...] = ()
    """The contacts whom it was about."""


class Conversation(Recorded):
    """A conversation that a tool recorded."""

    at: AwareDatetime
    """When it began."""
    ended_at: AwareDatetime
    concerns: tuple[str, ...] = ()
    """The contacts who took part."""
    source: str | None = None


class CrmValue(Recorded):
    """What a part of the deal's record in the CRM holds, as far as the deal knows."""

    value: str | None = None
    """As it is compared; empty where nothing is there, None where it is not sure what is."""
    at: AwareDatetime
    """When it was decided to write it, or when it happened there."""
    effect: str | None = None
    """What wrote it; None where the CRM told it."""
    settled_at: AwareDatetime | None = None
    """When it was known to be written."""
    unsure: bool = False
    """It was perhaps not written: the next time, it is written again."""
