"""PandaDoc read beside its webhooks: the log of the events that it meant to tell, and how its subscription is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from integrations.kit.documents import DocumentChange, moment, without_echoes
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled, Seen
from integrations.kit.tool import Connected
from integrations.kit.webhook_look import look
from integrations.kit.windows import read_window
from integrations.pandadoc.changes import changes_in
from integrations.pandadoc.client import Logged, PandaDocClient, Subscription
from integrations.pandadoc.reading_trails import look_at_trails, read_trails
from integrations.pandadoc.settings import SOURCE, PandaDocConnection
from integrations.pandadoc.trail import Told
from store.database import Store

_PAGE = 50
_MOST_KNOWN = 1000
"""Events that are remembered, of those in the few minutes that are listed again."""
_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "webhook subscription"
_MAKE_ONE = "make one in PandaDoc, and put its shared key into webhook_secrets"
_RIGHTS = "look at the key: it needs to read and write documents and webhook subscriptions"


class _Cursor(BaseModel):
    """Where to go on in the log of events, and with which page of the documents whose trails are read."""

    model_config = ConfigDict(frozen=True)

    log: str
    trails: int = 1
    began: AwareDatetime | None = None
    """When the reading of trails began: what they had before is no news."""
    known: tuple[str, ...] = ()
    """The events of the log that were read last. It is listed with an overlap, and each one costs a call."""

    @classmethod
    def read(cls, text: str) -> Self:
        """The cursor that a text is; before trails were read, it was the log's alone."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return cls(log=text)


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
        """The events that PandaDoc has logged since a cursor, and who else looked at documents.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now, place = self._clock(), None if cursor is None else _Cursor.read(cursor)
        page = await read_window(
            None if place is None else place.log, now, _PAGE,
            lambda window: self._client.log(window.since, _PAGE, window.start // _PAGE + 1),
        )  # fmt: skip
        known = () if place is None else place.known
        changes: list[DocumentChange] = []
        for one in page.found:
            if one.uuid not in known and (read_now := await self._changes_of(one, now)) is not None:
                changes, known = [*changes, *read_now], (*known, one.uuid)
        seen: tuple[Seen, ...] = ()
        trails, began = (1, now) if place is None else (place.trails, place.began or now)
        if place is not None and not page.more:
            read = await read_trails(self._client, self._store, trails, Told(at=began.replace(microsecond=0)), now)
            changes, seen, trails = [*changes, *read.changes], read.seen, read.next_page
        told = await without_echoes(self._store, SOURCE, changes)
        return Polled(
            events=tuple(events_from(self._source, told, now)), seen=seen, more=page.more,
            cursor=_Cursor(
                log=page.cursor, trails=trails, began=began, known=known[-_MOST_KNOWN:]
            ).model_dump_json(),
        )  # fmt: skip

    async def health(self) -> list[Finding]:
        """How key and webhook subscription are."""
        try:
            subscriptions = await self._client.subscriptions()
            trails = await look_at_trails(self._client)
        except _CANNOT as error:
            return [Finding("problem", "credentials", error.reason, _RIGHTS)]
        return [Finding("ok", "credentials", "PandaDoc takes the key"), self._look(subscriptions), *trails]

    async def repair(self) -> list[Finding]:
        """Switch the subscription on again; what was done. One that is not there, a person makes: it has the key."""
        if self._connection.webhook_url is None:
            return []
        try:
            ours = self._ours(await self._client.subscriptions())
            if not ours or any(not one.lacks for one in ours):
                return []
            await self._client.switch_on(ours[0])
        except _CANNOT as error:
            return [Finding("problem", _ABOUT, error.reason, _RIGHTS)]
        return [Finding("ok", _ABOUT, "it was switched on again")]

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _changes_of(self, listed: Logged, now: datetime) -> list[DocumentChange] | None:
        """The changes of a logged event, none where they cannot be understood; None where it is not there yet."""
        logged = listed if listed.request_body is not None else await self._client.logged(listed.uuid)
        if logged is None or logged.request_body is None:
            return None
        try:
            return changes_in(logged.request_body, moment(logged.event_time, now))
        except Unreadable:
            return []

    def _look(self, found: list[Subscription]) -> Finding:
        lacking = [one.lacks for one in self._ours(found)]
        return look(_ABOUT, self._connection.webhook_url, lacking, remedy=_MAKE_ONE)

    def _ours(self, found: list[Subscription]) -> list[Subscription]:
        return [one for one in found if one.url == self._connection.webhook_url]
