"""DocuSign read beside its webhooks: envelopes whose status changed, how Connect is set up, and what it holds back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from integrations.docusign.changes import changes_shown
from integrations.docusign.client import PAGE, DocuSignClient
from integrations.docusign.connect import Configuration, Failure, configuration_for
from integrations.docusign.settings import SOURCE, DocuSignConnection
from integrations.kit.documents import without_echoes
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.kit.webhook_look import look
from integrations.kit.windows import read_window
from store.database import Store

_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT, _QUEUE = "Connect configuration", "Connect queue"
_RIGHTS = "look at the app's key and consent, and whether the user may manage Connect"


def docusign_polling(connected: Connected) -> DocuSignPolling:
    """What of a connected account can be read."""
    return DocuSignPolling(connected.block(DocuSignConnection), connected.store)


class DocuSignPolling:
    """One DocuSign account."""

    def __init__(
        self, connection: DocuSignConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._store, self._clock = connection, store, clock
        self._client = DocuSignClient(connection, store)
        self._source = shipped_mapping("docusign").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """What became of envelopes since a cursor, as webhooks would have told it, and under the same ids.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now, buyer = self._clock(), self._connection.recipient_role
        page = await read_window(
            cursor, now, PAGE, lambda window: self._client.changed(window.since, window.until, window.start)
        )
        changes = [change for one in page.found for change in changes_shown(one, page.since, buyer)]
        told = await without_echoes(self._store, SOURCE, changes)
        return Polled(events=tuple(events_from(self._source, told, now)), cursor=page.cursor, more=page.more)

    async def health(self) -> list[Finding]:
        """How the key and Connect are, and whether Connect holds something back."""
        try:
            configurations = await self._client.configurations()
            queued = await self._queued()
        except _CANNOT as error:
            return [Finding("problem", "credentials", error.reason, _RIGHTS)]
        found = [Finding("ok", "credentials", "DocuSign takes the key"), self._look(configurations)]
        return [*found, *_queue(queued)]

    async def repair(self) -> list[Finding]:
        """Make the Connect configuration or set it right, and have it send what it holds back; what was done."""
        if (url := self._connection.webhook_url) is None:
            return []
        try:
            return [*await self._set_right(url), *await self._drained()]
        except _CANNOT as error:
            return [Finding("problem", _ABOUT, error.reason, _RIGHTS)]

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _set_right(self, url: str) -> list[Finding]:
        ours = self._ours(await self._client.configurations())
        if any(not one.lacks for one in ours):
            return []
        await self._client.configure(ours[0].mended() if ours else configuration_for(url))
        return [Finding("ok", _ABOUT, "it was set right" if ours else "it was made")]

    async def _drained(self) -> list[Finding]:
        queued = await self._queued()
        if not queued:
            return []
        await self._client.retry(dict.fromkeys(one.envelope_id for one in queued if one.envelope_id))
        return [Finding("ok", _QUEUE, f"DocuSign was asked to send {len(queued)} event(s) again")]

    async def _queued(self) -> list[Failure]:
        """What Connect could not tell us; what it could not tell others is no matter of ours."""
        url = self._connection.webhook_url
        return [] if url is None else [one for one in await self._client.failures() if one.config_url == url]

    def _look(self, found: list[Configuration]) -> Finding:
        return look(_ABOUT, self._connection.webhook_url, [one.lacks for one in self._ours(found)])

    def _ours(self, found: list[Configuration]) -> list[Configuration]:
        return [one for one in found if one.url_to_publish_to == self._connection.webhook_url]


def _queue(queued: list[Failure]) -> list[Finding]:
    if not queued:
        return []
    why = next((one.error for one in queued if one.error and one.error != "Pending"), "pending")
    remedy = "worker and gateway have it sent again at their next look; see what the gateway answered"
    return [Finding("problem", _QUEUE, f"DocuSign holds back {len(queued)} event(s): {why}", remedy)]
