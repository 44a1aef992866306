"""Twilio read beside its webhooks: it tries them hardly twice. Messages and calls of the last hours, page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.twilio.client import TwilioClient
from integrations.twilio.matching import as_it_counts
from integrations.twilio.reading import of_call, of_message
from integrations.twilio.settings import TwilioConnection
from store.database import Store

_OVERLAP = timedelta(hours=10)
"""For so long a network tries to deliver a message, and its status may change."""
_CANNOT = (NotHandedOver, Refused, Unanswered)
_NOTHING_NEW = frozenset({"on its way", "unknown", "help"})


class _Cursor(BaseModel):
    """How far was read: since when, of which list, and which page is next."""

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime
    begun: AwareDatetime
    of: Literal["messages", "calls"] = "messages"
    page: str | None = None


def twilio_polling(connected: Connected) -> TwilioPolling:
    """What of a connected Twilio account can be read."""
    return TwilioPolling(connected.block(TwilioConnection), connected.store)


class TwilioPolling:
    """One Twilio account."""

    def __init__(
        self, connection: TwilioConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._store, self._clock = connection, store, clock
        self._client = TwilioClient(connection, store)
        self._source = shipped_mapping("twilio").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """A page of the messages, then of the calls, since a cursor, as webhooks would have told them.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        if cursor is None:
            return Polled(events=(), cursor=_Cursor(since=now, begun=now).model_dump_json())
        at = _Cursor.model_validate_json(cursor)
        read = self._client.messages if at.of == "messages" else self._client.calls
        page = await read(at.since, at.page)
        told = [of_message(one) if at.of == "messages" else of_call(one) for one in page.items]
        news = [one for one in told if one["kind"] not in _NOTHING_NEW]
        events = await as_it_counts(self._store, news, now)
        following, more = _next(at, page.next_page, now)
        found = tuple(events_from(self._source, events, now)) if events else ()
        return Polled(events=found, cursor=following.model_dump_json(), more=more)

    async def health(self) -> list[Finding]:
        """How the credentials, the account and the webhooks are."""
        try:
            account = await self._client.account()
        except _CANNOT as error:
            remedy = "look at account_sid and auth_token (or key_sid with its secret)"
            return [Finding("problem", "credentials", error.reason, remedy), self._webhooks()]
        if account.status != "active":
            return [Finding("problem", "account", f"it is {account.status}", "settle it in Twilio"), self._webhooks()]
        return [Finding("ok", "credentials", "Twilio takes them, and the account is active"), self._webhooks()]

    async def repair(self) -> list[Finding]:
        """Nothing: where numbers send their webhooks is a person's to say, since other programs may listen there."""
        return []

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _webhooks(self) -> Finding:
        if self._connection.webhook_url is None:
            remedy = "add webhook_url, and name it in Twilio for incoming messages and the status of calls"
            return Finding(
                "warning", "webhooks", "Twilio calls nobody: answers and STOP are seen by reading only", remedy
            )
        if not self._connection.webhook_secrets:
            remedy = "add webhook_secrets with the account's auth token"
            return Finding("problem", "webhooks", "none is taken: nothing proves where they come from", remedy)
        return Finding("ok", "webhooks", "there is an auth token to check them with")


def _next(at: _Cursor, page: str | None, now: datetime) -> tuple[_Cursor, bool]:
    """Where to go on from: the next page, the other list, or from a while before this reading began."""
    if page is not None:
        return at.model_copy(update={"page": page}), True
    if at.of == "messages":
        return at.model_copy(update={"of": "calls", "page": None}), True
    return _Cursor(since=min(at.begun, now) - _OVERLAP, begun=now), False
