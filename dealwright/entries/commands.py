"""What people order: commands, owners, pauses, and what they should look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from dealwright.deal import Known, Person
from dealwright.entries.base import EntryBase
from dealwright.facts.things import Things
from dealwright.values.recorded import AwareDatetime

COOLED_ACCOUNT, COOLED_CONTACT = "cool_off_account", "cool_off_contact"
"""The scopes under which it counts when an account, or an address, was last to be left alone."""


class CoolOffBegan(EntryBase):
    """The people whom the deal wrote to, and their account, get no marketing from any deal for a while."""

    kind: Literal["cool_off_began"] = "cool_off_began"
    account: str | None = None
    """The account, by its id."""
    addresses: tuple[str, ...] = ()
    """The addresses that were written to, in their normal form."""
    why: str

    def sentence(self) -> str:
        return f"They are left alone for a while: {self.why}"


class CommandTaken(EntryBase):
    """A command with its verdict; for an override, with the reason."""

    kind: Literal["command_taken"] = "command_taken"
    command: str
    id: str
    by: str
    accepted: bool
    text: str
    why: str | None = None
    learned: Known | None = None
    taught: tuple[str, ...] = ()
    things: Things | None = None
    focus: dict[str, str] = {}
    dates: tuple[str, ...] = ()
    """As in :class:`dealwright.entries.FactTaken`."""

    def sentence(self) -> str:
        refused = "" if self.accepted else "not taken: "
        return f"{self.by}: {self.command.replace('_', ' ')} - {refused}{self.text}" + (
            f" (because {self.why})" if self.why else ""
        )


class OwnerChanged(EntryBase):
    """Somebody else holds a role."""

    kind: Literal["owner_changed"] = "owner_changed"
    role: str
    person: Person | None = None
    by: str
    why: str

    def sentence(self) -> str:
        return f"{self.role} is now {self.person.name if self.person else 'the owner'} ({self.why})"


class Paused(EntryBase):
    """All plays stand still."""

    kind: Literal["paused"] = "paused"
    by: str
    until: AwareDatetime | None = None
    review_at: AwareDatetime

    def sentence(self) -> str:
        return f"Paused by {self.by}" + (f" until {self.until:%a %d %b %Y}" if self.until else "")


class PauseReviewed(EntryBase):
    """A pause without an end was brought to the owner's mind."""

    kind: Literal["pause_reviewed"] = "pause_reviewed"
    role: str
    review_at: AwareDatetime

    def sentence(self) -> str:
        return f"{self.role} is reminded of the pause"


class Resumed(EntryBase):
    """The plays go on."""

    kind: Literal["resumed"] = "resumed"
    by: str
    delay: timedelta
    """By how much everything that was waiting moves."""

    def sentence(self) -> str:
        return f"Resumed by {self.by}"


class AttentionAsked(EntryBase):
    """Somebody should look at the deal."""

    kind: Literal["attention_asked"] = "attention_asked"
    point: str
    text: str

    def sentence(self) -> str:
        return f"Needs attention: {self.text}"


class AttentionSettled(EntryBase):
    """A point that needed attention no longer does."""

    kind: Literal["attention_settled"] = "attention_settled"
    point: str
    why: str

    def sentence(self) -> str:
        return f"No longer needs attention: {self.point} ({self.why})"
