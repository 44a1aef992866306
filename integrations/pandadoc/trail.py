"""Who has looked at a document, and to whom it was passed on, as PandaDoc's audit trail shows it.

A webhook tells of the first opening alone. The trail has everybody who looked, with their address and each time that
they did, and that a recipient forwarded it (``listDocumentAuditTrail`` of PandaDoc/pandadoc-openapi-specification
81beb8c).
Which section they looked at PandaDoc's API tells nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from dealwright.values.addresses import normal
from integrations.kit.documents import DocumentChange
from integrations.pandadoc.actions import FORWARDED, REASSIGNED, VIEWED

_PASSED_ON = frozenset({FORWARDED, REASSIGNED})
_VISIT = timedelta(minutes=10)
"""Whoever looks again within this is still at it."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Somebody(_Model):
    """Whoever did something, or gets a document."""

    email: str | None = None

    @property
    def key(self) -> str:
        """By what they are known; empty where PandaDoc does not say."""
        return normal(self.email) if self.email else ""


class Entry(_Model):
    """One line of an audit trail."""

    id: str
    user: Somebody | None = None
    action: int
    date_created: AwareDatetime

    @property
    def who(self) -> str:
        """Whoever did it; empty where PandaDoc does not say."""
        return self.user.key if self.user is not None else ""


class Details(_Model):
    """A document with what it carries of ours, and who gets it."""

    id: str
    status: str
    metadata: dict[str, JsonValue] | None = None
    recipients: tuple[Somebody, ...] = ()

    @property
    def marks(self) -> dict[str, str]:
        """What it carries of ours."""
        return {name: str(value) for name, value in (self.metadata or {}).items()}


class Told(_Model):
    """How far a trail was told before."""

    at: AwareDatetime
    ids: tuple[str, ...] = ()
    """The entries of that very moment."""

    @classmethod
    def up_to(cls, entries: Sequence[Entry]) -> Told | None:
        """All that a trail has by now."""
        if not entries:
            return None
        at = max(one.date_created for one in entries)
        return cls(at=at, ids=tuple(one.id for one in entries if one.date_created == at))

    def has(self, entry: Entry) -> bool:
        """Whether an entry was told before."""
        return entry.date_created < self.at or entry.id in self.ids


def strangers(document: Details, entries: Sequence[Entry]) -> frozenset[str]:
    """Who has looked at a document that was sent to others."""
    readers = {one.key for one in document.recipients}
    return frozenset(one.who for one in entries if one.action == VIEWED and one.who and one.who not in readers)


def changes_in_trail(
    document: Details, entries: Sequence[Entry], ours: Collection[str], told: Told
) -> list[DocumentChange]:
    """What a trail shows that was not told before, in order. ``ours`` are the addresses of our own people."""
    theirs = sorted((one for one in entries if one.who not in ours), key=lambda one: one.date_created)
    found = ((entry, change) for entry, change in _shown(document, theirs) if not told.has(entry))
    return [change.with_marks(document.marks) for _, change in found]


def _shown(document: Details, entries: Sequence[Entry]) -> Iterator[tuple[Entry, DocumentChange]]:
    """Each change, and the entry by which it is shown. The first opening a webhook tells."""
    readers = {one.key for one in document.recipients}
    last: dict[str, datetime] = {}
    passed_on = False
    for entry in entries:
        if entry.action in _PASSED_ON:
            passed_on = True
            yield entry, _change(document, entry, "forwarded", entry.id, address=entry.who or None)
        if entry.action != VIEWED or not entry.who:
            continue
        if entry.who not in last and entry.who not in readers and not passed_on:
            mark = hashlib.sha256(entry.who.encode()).hexdigest()[:16]
            yield entry, _change(document, entry, "forwarded", mark, to=entry.who)
        before = last.get(entry.who)
        if last and (before is None or entry.date_created - before > _VISIT):
            yield entry, _change(document, entry, "opened", entry.id, address=entry.who)
        last[entry.who] = entry.date_created


def _change(document: Details, entry: Entry, change: str, id_: str, **whom: str | None) -> DocumentChange:
    made = DocumentChange(
        id=f"{document.id}-{change}-{id_}", at=entry.date_created, document=document.id, change=change
    )
    return made.model_copy(update=whom)
