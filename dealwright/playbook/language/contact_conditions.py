"""Conditions over the contacts of a deal: who has a role, was met, or says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dealwright.calendar.durations import Span
from dealwright.contacts import in_roles, met_at, silent_since
from dealwright.diagnostics.diagnostic import BadValue, read_parts
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.counts import Since
from dealwright.state import DealState

CONTACTS = "contacts"
"""The key of a condition over contacts."""
_KEYS = ("role", "met", "silent_for", "at_least")
_EXAMPLE = "write {contacts: {role: economic_buyer, met: true, at_least: 1}}"


@dataclass(frozen=True, slots=True)
class SomeContacts:
    """So many contacts have one of these roles (of none: any), were met or not, and say nothing for so long."""

    roles: tuple[str, ...] = ()
    met: bool | None = None
    silent_for: Span | None = None
    at_least: int = 1

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds at the clock's time."""
        return sum(self._is_one(state, contact, clock) for contact in self._candidates(state)) >= self.at_least

    def turns(self, state: DealState, clock: Clock) -> tuple[datetime, ...]:
        """When contacts will have said nothing for so long."""
        return tuple(at for contact in self._candidates(state) if (at := self._silent_at(state, contact, clock)))

    def words(self) -> str:
        """The condition as people say it."""
        who = " or ".join(role.replace("_", " ") for role in self.roles) or "contact"
        said = [f"at least {self.at_least} {who}"]
        if self.met is not None:
            said.append("met" if self.met else "not met")
        if self.silent_for is not None:
            said.append(f"silent for {self.silent_for}")
        return " ".join(said)

    def _candidates(self, state: DealState) -> Iterator[str]:
        return (contact.id for contact in in_roles(state, self.roles))

    def _is_one(self, state: DealState, contact: str, clock: Clock) -> bool:
        if self.met is not None and (met_at(state, contact) is not None) is not self.met:
            return False
        at = self._silent_at(state, contact, clock)
        return self.silent_for is None or (at is not None and at <= clock.now)

    def _silent_at(self, state: DealState, contact: str, clock: Clock) -> datetime | None:
        since = silent_since(state, contact)
        return None if since is None or self.silent_for is None else clock.calendar.add(since, self.silent_for)


def read_contacts(written: object) -> SomeContacts:
    """Read a condition over contacts.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    if not isinstance(written, dict) or not written:
        raise BadValue(f"{written!r} does not say which contacts", _EXAMPLE)
    given = {str(key): value for key, value in written.items()}
    read_parts([(key, key) for key in given], _known_key)
    (roles,) = read_parts([("role", given.get("role", []))], _roles)
    (met,) = read_parts([("met", given.get("met"))], _met)
    (silent_for,) = read_parts([("silent_for", given.get("silent_for"))], _span)
    (at_least,) = read_parts([("at_least", given.get("at_least", 1))], _number)
    return SomeContacts(roles, met, silent_for, at_least)


def _known_key(key: str) -> str:
    if key not in _KEYS:
        raise BadValue(f"{key!r} is no key here", did_you_mean(key, _KEYS, _EXAMPLE))
    return key


def _roles(written: object) -> tuple[str, ...]:
    roles = [written] if isinstance(written, str) else written
    if not isinstance(roles, list) or not all(isinstance(role, str) and role for role in roles):
        raise BadValue(f"{written!r} is no role in the buying committee", "write one such as economic_buyer, or a list")
    return tuple(roles)


def _met(written: object) -> bool | None:
    if written is None or isinstance(written, bool):
        return written
    raise BadValue(f"{written!r} does not say whether they were met", "write true or false")


def _span(written: object) -> Span | None:
    if written is None:
        return None
    if not isinstance(written, str):
        raise BadValue(f"{written!r} is no duration", "write one such as 10bd or 14d")
    return Span.parse(written)


def _number(written: object) -> int:
    if isinstance(written, int) and not isinstance(written, bool) and written > 0:
        return written
    raise BadValue(f"{written!r} is no number of contacts", "write a whole number from 1 on")
