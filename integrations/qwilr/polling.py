"""Qwilr read beside its webhooks: the pages that can be accepted, those that no longer can, and the subscriptions.

No webhook tells that a page has expired, was declined, unpublished or deleted: only this reading finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.kit.documents import DocumentChange, without_echoes
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_after_fetch, events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled, Seen
from integrations.kit.tool import Connected
from integrations.qwilr.changes import DELETED, as_seen, changes_of, gone, known_of, object_of
from integrations.qwilr.client import EVENTS, QwilrClient
from integrations.qwilr.pages import OPEN, Page, Subscription
from integrations.qwilr.settings import SOURCE, QwilrConnection
from store import mirror
from store.database import Store
from store.intake import Event

_MISSING_AT_ONCE = 20
"""Pages that are read one by one in one poll."""
_MOST_HERE = 3
"""Subscriptions of one kind to this host, after which no other is made: Qwilr may write addresses otherwise."""
_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "webhook subscriptions"
_RIGHTS = "look at the key: it is an access token of the account, which needs access to the API"


class _Cursor(BaseModel):
    """Which reading this is: through the list of open pages, then one by one what the list no longer has."""

    model_config = ConfigDict(frozen=True)

    began: AwareDatetime | None = None
    """When this reading began; None before the next one does."""
    page: str | None = None
    listed: bool = False
    """Whether the list was read to its end."""
    first: bool = False
    """Whether nothing was read before: what is unknown then is no news."""


def qwilr_polling(connected: Connected) -> QwilrPolling:
    """What of a connected account can be read."""
    return QwilrPolling(connected.block(QwilrConnection), connected.store)


class QwilrPolling:
    """One Qwilr account."""

    def __init__(
        self, connection: QwilrConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._store, self._clock = connection, store, clock
        self._client = QwilrClient(connection, store)
        self._source = shipped_mapping("qwilr").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """What has happened to pages with our tag since the last look, under the ids that webhooks give it.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        place = _Cursor(first=True) if cursor is None else _Cursor.model_validate_json(cursor)
        began = place.began or now
        if place.listed:
            return await self._those_missing(place, began, now)
        found = await self._client.open_pages(self._connection.tag, place.page)
        events, seen = await self._compared(found.pages, now, is_news=not place.first)
        left = place.model_copy(update={"began": began, "page": found.next_cursor, "listed": found.next_cursor is None})
        return Polled(events=events, seen=seen, cursor=left.model_dump_json(), more=True)

    async def health(self) -> list[Finding]:
        """How key and webhook subscriptions are."""
        try:
            subscriptions = await self._client.subscriptions()
        except _CANNOT as error:
            return [Finding("problem", "credentials", error.reason, _RIGHTS)]
        found = [Finding("ok", "credentials", "Qwilr takes the key")]
        if self._connection.webhook_url is None:
            remedy = "add webhook_url to the connection: without webhooks nobody hears that a page was opened"
            return [*found, Finding("warning", _ABOUT, "there are none", remedy)]
        if missing := self._missing(subscriptions):
            says, remedy = f"there is none for {', '.join(missing)}", "worker and gateway make it at their next look"
            return [*found, Finding("problem", _ABOUT, says, remedy)]
        return [*found, Finding("ok", _ABOUT, "they are there")]

    async def repair(self) -> list[Finding]:
        """Make the subscriptions that are missing, and delete ours to secrets that hold no longer; what was done."""
        url = self._connection.webhook_url
        if url is None:
            return []
        done: list[Finding] = []
        try:
            there = await self._client.subscriptions()
            for event in self._missing(there):
                if len([one for one in there if one.event == event and _host(one.url) == _host(url)]) >= _MOST_HERE:
                    says = f"there are {_MOST_HERE} for {event} that lead here, and none to this webhook_url"
                    done.append(Finding("problem", _ABOUT, says, "look at them in Qwilr, and at webhook_url"))
                    continue
                await self._client.subscribe(event, url)
                done.append(Finding("ok", _ABOUT, f"the one for {event} was made"))
            for one in self._outdated(there):
                await self._client.unsubscribe(one.id)
                done.append(Finding("ok", _ABOUT, f"one for {one.event} to an old secret was deleted"))
        except _CANNOT as error:
            return [*done, Finding("problem", _ABOUT, error.reason, _RIGHTS)]
        return done

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _those_missing(self, place: _Cursor, began: datetime, now: datetime) -> Polled:
        """The pages that were open at the last look, and that the list of open ones no longer has."""
        objects = await mirror.not_noted_since(
            self._store, SOURCE, "status", sorted(OPEN), began, limit=_MISSING_AT_ONCE
        )
        events: list[Event] = []
        seen: list[Seen] = []
        for id_ in (one.partition(":")[2] for one in objects):
            of_it, kept = await self._one_missing(id_, now)
            events, seen = [*events, *of_it], [*seen, *kept]
        more = len(objects) == _MISSING_AT_ONCE
        left = place if more else _Cursor()
        return Polled(events=tuple(events), seen=tuple(seen), cursor=left.model_dump_json(), more=more)

    async def _one_missing(self, id_: str, now: datetime) -> tuple[tuple[Event, ...], tuple[Seen, ...]]:
        known = await known_of(self._store, id_)
        try:
            page = await self._client.read(id_)
        except Unanswered:  # its answer cannot be read: it is looked at again in the next round, and holds up no other
            return (), (Seen(object_id=object_of(id_), values={"status": known.status}, at=now),)
        if page is not None:
            return await self._compared([page], now)
        told = await self._told([gone(id_, known, now)], now)
        return told, (Seen(object_id=object_of(id_), values={"status": DELETED}, at=now),)

    async def _compared(
        self, pages: Sequence[Page], now: datetime, *, is_news: bool = True
    ) -> tuple[tuple[Event, ...], tuple[Seen, ...]]:
        changes: list[DocumentChange] = []
        seen: list[Seen] = []
        for listed in pages:
            # A list shows no acceptance: of several who accept, each counts.
            page = (await self._client.read(listed.id) or listed) if listed.status == "accepting" else listed
            known = await known_of(self._store, page.id)
            if is_news or known.status is not None:
                changes += changes_of(page, known, now)
            seen.append(Seen(object_id=object_of(page.id), values=as_seen(page, known, now), at=now))
        return await self._told(changes, now), tuple(seen)

    async def _told(self, changes: Sequence[DocumentChange], now: datetime) -> tuple[Event, ...]:
        events: list[Event] = []
        for change in changes:
            told = await without_echoes(self._store, SOURCE, [change])
            (hint,) = events_from(self._source, {"event": "read", "page": {"id": change.document}}, now)
            events += events_after_fetch(self._source, hint, told)
        return tuple(events)

    def _missing(self, found: Sequence[Subscription]) -> list[str]:
        ours = {one.event for one in found if one.url == self._connection.webhook_url}
        return [event for event in EVENTS if event not in ours]

    def _outdated(self, found: Sequence[Subscription]) -> list[Subscription]:
        """Subscriptions that lead to this installation by a secret that it no longer takes."""
        before = (self._connection.webhook_url or "").rpartition("/")[0] + "/"
        taken = {one.get_secret_value() for one in self._connection.webhook_secrets}
        return [one for one in found if one.url.startswith(before) and one.url.removeprefix(before) not in taken]


def _host(url: str) -> str | None:
    return urlsplit(url).hostname
