"""PandaDoc read beside its webhooks: the log of the events that it meant to tell, and how its subscription is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.kit.documents import DocumentChange, moment, without_echoes
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.pandadoc.changes import changes_in
from integrations.pandadoc.client import TRIGGERS, Logged, PandaDocClient, Subscription
from integrations.pandadoc.settings import SOURCE, PandaDocConnection
from store.database import Store

_PAGE = 50
_OVERLAP = timedelta(minutes=5)
"""How much is read again: events of one moment may show one after another."""
_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "webhook subscription"
_RIGHTS = "look at the key: it needs to read and write documents and webhook subscriptions"


class _Cursor(BaseModel):
    """The time that is being read, and which page of it."""

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime
    until: AwareDatetime
    page: int = 1


def pandadoc_polling(connected: Connected) -> PandaDocPolling:
    """What of a connected workspace can be read."""
    return PandaDocPolling(connected.block(PandaDocConnection), connected.store)


class PandaDocPolling:
    """One PandaDoc workspace."""

    def __init__(
        self, connection: PandaDocConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._store, self._clock = connection, store, clock
        self._client = PandaDocClient(connection, store)
        self._source = shipped_mapping("pandadoc").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """The events that PandaDoc has logged since a cursor, as webhooks would have told them.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        if cursor is None:
            return Polled(events=(), cursor=_Cursor(since=now, until=now).model_dump_json())
        last = _Cursor.model_validate_json(cursor)
        reading = last if last.page > 1 else _Cursor(since=last.until - _OVERLAP, until=now)
        listed = await self._client.log(reading.since, _PAGE, reading.page)
        changes = [change for one in listed for change in await self._changes_of(one, now)]
        told = await without_echoes(self._store, SOURCE, changes)
        events = tuple(events_from(self._source, told, now)) if told else ()
        more = len(listed) == _PAGE
        left = reading.model_copy(update={"page": reading.page + 1 if more else 1})
        return Polled(events=events, cursor=left.model_dump_json(), more=more)

    async def health(self) -> list[Finding]:
        """How key and webhook subscription are."""
        try:
            subscriptions = await self._client.subscriptions()
        except _CANNOT as error:
            return [Finding("problem", "credentials", error.reason, _RIGHTS)]
        return [Finding("ok", "credentials", "PandaDoc takes the key"), self._subscription(subscriptions)]

    async def repair(self) -> list[Finding]:
        """Switch the subscription on again; what was done. One that is not there, a person makes: it has the key."""
        if self._connection.webhook_url is None:
            return []
        try:
            ours = self._ours(await self._client.subscriptions())
            if not ours or any(_is_good(one) for one in ours):
                return []
            await self._client.switch_on(ours[0])
        except _CANNOT as error:
            return [Finding("problem", _ABOUT, error.reason, _RIGHTS)]
        return [Finding("ok", _ABOUT, "it was switched on again")]

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _changes_of(self, listed: Logged, now: datetime) -> list[DocumentChange]:
        """The changes of a logged event. One that cannot be read keeps no other from being read."""
        logged = listed if listed.request_body is not None else await self._client.logged(listed.uuid)
        if logged is None or logged.request_body is None:
            return []
        try:
            return changes_in(logged.request_body, moment(logged.event_time, now))
        except Unreadable:
            return []

    def _subscription(self, found: list[Subscription]) -> Finding:
        if self._connection.webhook_url is None:
            remedy = "add webhook_url to the connection, so that it is looked at, and switched on again when it is off"
            return Finding("warning", _ABOUT, "nobody looks at it", remedy)
        ours = self._ours(found)
        if any(_is_good(one) for one in ours):
            return Finding("ok", _ABOUT, "it is active")
        if not ours:
            remedy = "make one in PandaDoc, and put its shared key into webhook_secrets"
            return Finding("problem", _ABOUT, "there is none to this webhook_url", remedy)
        states = ", ".join(f"{one.status}, with {', '.join(one.triggers)} and {', '.join(one.payload)}" for one in ours)
        return Finding("problem", _ABOUT, f"it is {states}", "worker and gateway set it right at their next look")

    def _ours(self, found: list[Subscription]) -> list[Subscription]:
        return [one for one in found if one.url == self._connection.webhook_url]


def _is_good(one: Subscription) -> bool:
    told = set(TRIGGERS) <= set(one.triggers) and "metadata" in one.payload
    return one.active and one.status == "ACTIVE" and told
