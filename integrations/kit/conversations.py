"""Conversations as tools record them, in one form: which deal they are about, who took part, what is to be done next.

Mapping files read it at ``event.fetched``: one item for the conversation, and one for each suggested next step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pydantic import JsonValue

from dealwright.commands import LONGEST_STEP
from dealwright.diagnostics.text import short
from store.database import Store
from store.intake import linked_deals

_CRM_OBJECTS = {
    ("salesforce", "opportunity"): ("salesforce", "opportunity"),
    ("hubspot", "deal"): ("hubspot", "deal"),
    ("hubspot", "opportunity"): ("hubspot", "deal"),
    ("pipedrive", "deal"): ("pipedrive", "deal"),
    ("pipedrive", "opportunity"): ("pipedrive", "deal"),
}
"""What these tools call a deal of a CRM, and our source and kind of object for it."""
_LONGEST_NAME, _LONGEST_URL, _MOST_PARTIES = 200, 2000, 100
JsonObject = dict[str, JsonValue]


@dataclass(frozen=True, kw_only=True)
class Talker:
    """Somebody who took part."""

    name: str | None = None
    address: str | None = None
    ours: bool = False


@dataclass(frozen=True, kw_only=True)
class SuggestedStep:
    """An action item."""

    text: str
    by: str | None = None
    """Whose words they are."""
    due: date | None = None


@dataclass(frozen=True, kw_only=True)
class CrmObject:
    """What a tool says of the CRM's object that a conversation is about."""

    system: str
    kind: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A conversation that a tool has a record of."""

    id: str
    began_at: datetime
    lasted: timedelta = timedelta()
    title: str | None = None
    url: str | None = None
    private: bool = False
    """Whether its people keep it to themselves: then nothing of it is told."""
    about: tuple[CrmObject, ...] = ()
    parties: tuple[Talker, ...] = ()
    steps: tuple[SuggestedStep, ...] = ()


async def items_of(store: Store, recording: Recording) -> list[JsonObject]:
    """What a conversation comes to, an event each.

    Raises:
        StoreAway: the database does not answer.
    """
    base = await _where(store, recording)
    if recording.private:
        return [{**base, "id": recording.id, "happened": "private", "at": _iso(recording.began_at)}]
    return [_conversation(recording, base), *_steps(recording, base)]


async def _where(store: Store, recording: Recording) -> JsonObject:
    """Which deal it is: the one of the CRM's object; of several none, for a person to say; else who took part tells."""
    objects = [_as_ours(one) for one in recording.about]
    deals = set((await linked_deals(store, {one for one in objects if one is not None})).values())
    guests = [one.address for one in recording.parties if one.address and not one.ours]
    return {
        "conversation": recording.id, "deal": next(iter(deals)) if len(deals) == 1 else None,
        "guests": [] if deals else [*dict.fromkeys(guests)],
    }  # fmt: skip


def _as_ours(one: CrmObject) -> tuple[str, str] | None:
    known = _CRM_OBJECTS.get((one.system.lower(), one.kind.lower()))
    return None if known is None else (known[0], f"{known[1]}:{one.id}")


def _conversation(recording: Recording, base: JsonObject) -> JsonObject:
    parties: list[JsonValue] = [_party(one) for one in recording.parties[:_MOST_PARTIES]]
    url = recording.url if recording.url and len(recording.url) <= _LONGEST_URL else None
    return {
        **base, "id": recording.id, "happened": "conversation", "at": _iso(recording.began_at),
        "title": short(recording.title, _LONGEST_NAME) if recording.title else None, "url": url,
        "lasted": int(min(recording.lasted, timedelta(days=1)).total_seconds()), "parties": parties,
    }  # fmt: skip


def _party(one: Talker) -> JsonObject:
    address = one.address if one.address and "@" in one.address and len(one.address) <= _LONGEST_NAME else None
    said: dict[str, str | None] = {"name": one.name[:_LONGEST_NAME] if one.name else None, "address": address}
    return {**{key: value for key, value in said.items() if value}, "ours": one.ours}


def _steps(recording: Recording, base: JsonObject) -> Sequence[JsonObject]:
    """Each under an id that is made of its words: these tools give action items none."""
    told: dict[str, JsonObject] = {}
    over_at = recording.began_at + recording.lasted
    for step in recording.steps:
        if not (text := " ".join(step.text.split())):
            continue
        id_ = f"{recording.id}-step-{hashlib.sha256(text.casefold().encode()).hexdigest()[:12]}"
        told[id_] = {
            **base, "id": id_, "happened": "step", "at": _iso(over_at), "text": short(text, LONGEST_STEP - 1),
            "by": step.by[:_LONGEST_NAME] if step.by else None, "due": step.due.isoformat() if step.due else None,
        }  # fmt: skip
    return list(told.values())


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
