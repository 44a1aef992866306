"""Reading the audit trails of documents that are with the buyer, some of them at each look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from integrations.kit.documents import DocumentChange
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.polling import Seen
from integrations.pandadoc.client import Document, PandaDocClient
from integrations.pandadoc.settings import SOURCE
from integrations.pandadoc.trail import Told, changes_in_trail, strangers
from store import mirror
from store.database import Store

_AT_ONCE = 20
"""Documents whose trails are read at one look; each takes two calls."""
_MARK = "trail"
_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "audit trail"
_REMEDY = "use the key of a workspace administrator: without it only the first opening of each document is told"


@dataclass(frozen=True, kw_only=True)
class TrailsRead:
    """What trails showed."""

    changes: list[DocumentChange]
    seen: tuple[Seen, ...]
    next_page: int


async def read_trails(client: PandaDocClient, store: Store, page: int, known: Told, now: datetime) -> TrailsRead:
    """What a page of our open documents shows in their trails, and which page is next.

    ``known`` is what counts as told of a document whose trail was never read.

    Where they cannot be read, nothing is told and nothing is lost: the next look at them tells it.

    Raises:
        StoreAway: the database does not answer.
    """
    changes: list[DocumentChange] = []
    seen: list[Seen] = []
    try:
        listed = await client.viewed(page, _AT_ONCE)
        for one in listed:
            of_it, kept = await _of_one(client, store, one, known, now)
            changes, seen = [*changes, *of_it], [*seen, *kept]
    except _CANNOT:
        return TrailsRead(changes=changes, seen=tuple(seen), next_page=page)
    return TrailsRead(changes=changes, seen=tuple(seen), next_page=page + 1 if len(listed) == _AT_ONCE else 1)


async def look_at_trails(client: PandaDocClient) -> list[Finding]:
    """Whether the key may read trails, as far as there is a document to try it with.

    Raises:
        NotHandedOver, Refused, Unanswered: documents cannot be listed.
    """
    for one in await client.viewed(1, 1):
        try:
            await client.trail(one.id)
        except _CANNOT as error:
            return [Finding("warning", _ABOUT, error.reason, _REMEDY)]
        return [Finding("ok", _ABOUT, "it can be read")]
    return []


async def _of_one(
    client: PandaDocClient, store: Store, one: Document, known: Told, now: datetime
) -> tuple[list[DocumentChange], list[Seen]]:
    entries, details = await client.trail(one.id), await client.details(one.id)
    told, object_id = Told.up_to(entries), f"document:{one.id}"
    if details is None or told is None:
        return [], []
    before = await _told_before(store, object_id) or known
    unknown = strangers(details, entries)
    ours = await _members(client, unknown) if unknown else frozenset[str]()
    changes = changes_in_trail(details, entries, ours, before)
    return changes, [Seen(object_id=object_id, values={_MARK: told.model_dump(mode="json")}, at=now)]


async def _members(client: PandaDocClient, unknown: frozenset[str]) -> frozenset[str]:
    """Our own people. Where nobody says who they are, each stranger may be one, and none is told of."""
    try:
        return await client.members()
    except Refused:
        return unknown


async def _told_before(store: Store, object_id: str) -> Told | None:
    kept = (await mirror.known(store, SOURCE, object_id)).get(_MARK)
    if kept is None:
        return None
    try:
        return Told.model_validate(kept.value)
    except ValidationError:
        return None
