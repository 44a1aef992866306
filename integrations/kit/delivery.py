"""How one effect reaches the other side, and what keeps it from arriving twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TypeAlias

from dealwright.effects import Conversation

LONGEST_CALL = timedelta(seconds=20)
"""A call to another system is broken off after this: an attempt believed dead may be in the middle of one so long."""


class Idempotency(Enum):
    """What can be done about a call of which nobody knows whether it was taken."""

    VENDOR = "vendor"
    """The other side knows the effect by its id: the same call again changes nothing."""
    SEARCHABLE = "searchable"
    """The other side can be asked for the effect's id: the call is made again if the effect is surely not there."""
    MARKER = "marker"
    """What it holds can be read through for the effect's mark. What is not found there may come yet: a person is
    asked."""
    NONE = "none"
    """Nothing can be found out: a person is asked."""


@dataclass(frozen=True)
class Found:
    """The other side has the effect, and names it so."""

    reference: str | None


@dataclass(frozen=True)
class Absent:
    """The other side does not have the effect."""


@dataclass(frozen=True)
class Unsure:
    """The other side cannot be asked now, or its answer settles nothing; why, in words."""

    reason: str


Lookup: TypeAlias = Found | Absent | Unsure


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How one effect reaches the other side.

    ``send`` makes the call and returns what the other side names the effect. ``find`` looks for the effect there;
    it changes nothing. Both raise the errors of ``integrations.kit.errors``.
    """

    send: Callable[[], Awaitable[str | None]]
    idempotency: Idempotency = Idempotency.NONE
    find: Callable[[], Awaitable[Lookup]] | None = None
    visible_after: timedelta = timedelta(0)
    """How long the other side may take to show what it has taken. ``Absent`` proves nothing before."""
    arrived: Callable[[str | None], Awaitable[None]] | None = None
    """Writes into the store what follows once the effect is known to be there (a link, what the other side now
    holds), given its reference. It may be called again, and after a kill by somebody else."""
    before: tuple[Part, ...] = ()
    """What has to be there first, in this order."""
    conversation: Conversation | None = None
    """What a message carries on, kept with its result."""

    def __post_init__(self) -> None:
        findable = self.idempotency in {Idempotency.SEARCHABLE, Idempotency.MARKER}
        if findable != (self.find is not None):
            problem = "needs a way to find what it has delivered" if findable else "is never looked for"
            message = f"A delivery of class {self.idempotency.value} {problem}"
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A call that an effect needs besides its last one, handed over once like an effect of its own.

    ``name`` tells it from the effect's other parts. It never changes: it is part of the part's id in the ledger.
    """

    name: str
    delivery: Delivery
