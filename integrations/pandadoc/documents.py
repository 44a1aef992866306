"""Documents in PandaDoc: made in the background, then sent; taken back by voiding them.

Every call is of the class ``SEARCHABLE``: a document carries our key in its metadata.
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import JsonValue

from dealwright.effects import SendDocument, WithdrawDocument
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part, Unsure
from integrations.kit.documents import (
    attachments_of,
    key_of,
    marks_of,
    name_of,
    names,
    nothing_to_do,
    own_changes,
    template_of,
)
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from integrations.pandadoc.client import TAG, Document, PandaDocClient
from integrations.pandadoc.settings import SOURCE, PandaDocConnection
from store import links
from store.database import Store

_VISIBLE_AFTER = timedelta(seconds=30)
"""PandaDoc promises nothing of its lists."""
_MADE_SOON = timedelta(seconds=2)
_NOT_YET = frozenset({"document.uploaded", "document.draft"})
_OVER = frozenset({"document.voided", "document.declined", "document.rejected"})
_AGREED = frozenset({"document.completed", "document.paid", "document.waiting_pay"})


def pandadoc_documents(connected: Connected) -> PandaDocDocuments:
    """The documents of an installation that is connected to PandaDoc."""
    return PandaDocDocuments(connected.block(PandaDocConnection), connected.store)


class PandaDocDocuments:
    """Documents of one workspace."""

    def __init__(self, connection: PandaDocConnection, store: Store) -> None:
        self._connection, self._store, self._client = connection, store, PandaDocClient(connection, store)
        self._own = own_changes(store, SOURCE)

    async def send(self, deal_id: str, effect: SendDocument) -> Delivery:
        """A document, made from its template, with what goes with it, and sent."""
        key, body = key_of(effect.id), self._body(deal_id, effect)
        beside = attachments_of(self._connection, effect)

        async def send() -> str:
            there = await self._ready(key)
            if there.status in _NOT_YET:
                changes = {"change": "sent"}
                await self._own.announced(
                    f"document:{there.id}", changes, lambda: self._client.send(there.id, name_of(deal_id, effect))
                )
            return there.id

        async def find() -> Lookup:
            there = await self._client.find(key)
            if there is None:
                return Unsure("PandaDoc does not show the document that was made")
            return Absent() if there.status in _NOT_YET else Found(there.id)

        async def arrived(reference: str | None) -> None:
            if reference is not None:
                await links.link(self._store, SOURCE, f"document:{reference}", deal_id)

        before = (self._made(key, body), *(self._attached(key, name, url) for name, url in beside.items()))
        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER, before=before,
            arrived=arrived,
        )  # fmt: skip

    async def withdraw(self, deal_id: str, effect: WithdrawDocument) -> Delivery:  # noqa: ARG002 - it is found by its key
        """A document that was sent, voided; a draft, deleted."""
        there = await self._there(effect)
        if there is None or there.status in _OVER:
            return nothing_to_do(effect.reference)
        if there.status in _AGREED:
            raise Refused(f"the buyer has accepted it: it is {there.status.removeprefix('document.')} in PandaDoc")

        async def send() -> str:
            if there.status in _NOT_YET:
                await self._client.delete(there.id)
            else:
                void = self._client.void
                changes = {"change": "voided"}
                await self._own.announced(f"document:{there.id}", changes, lambda: void(there.id, effect.reason))
            return there.id

        async def find() -> Lookup:
            now = await self._client.read(there.id)
            return Found(there.id) if now is None or now.status in _OVER else Absent()

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _body(self, deal_id: str, effect: SendDocument) -> dict[str, JsonValue]:
        if effect.expires_after is not None:
            raise Refused("PandaDoc has from its template how long a document holds: take expires_after out")
        first, last = names(effect.to.name)
        recipient: JsonValue = {
            "email": effect.to.email, "first_name": first, "last_name": last, "role": self._connection.recipient_role,
        }  # fmt: skip
        tokens: list[JsonValue] = [{"name": name, "value": value} for name, value in effect.terms.shown().items()]
        return {
            "name": name_of(deal_id, effect), "template_uuid": template_of(self._connection, effect),
            "recipients": [recipient], "tokens": tokens, "metadata": {**marks_of(deal_id, effect)},
            "tags": [TAG],
        }  # fmt: skip

    def _made(self, key: str, body: dict[str, JsonValue]) -> Part:
        async def send() -> str:
            return (await self._client.create(body)).id

        async def find() -> Lookup:
            there = await self._client.find(key)
            return Absent() if there is None else Found(there.id)

        delivery = Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER
        )  # fmt: skip
        return Part(name="made", delivery=delivery)

    def _attached(self, key: str, name: str, url: str) -> Part:
        async def send() -> str:
            return await self._client.attach((await self._ready(key)).id, name, url)

        async def find() -> Lookup:
            files = await self._client.attached((await self._ready(key)).id)
            found = next((one.uuid for one in files if one.name == name), None)
            return Absent() if found is None else Found(found)

        return Part(name=f"with-{name}", delivery=Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find))

    async def _ready(self, key: str) -> Document:
        """The document of our key, once PandaDoc has made it."""
        there = await self._client.find(key)
        if there is None or there.status == "document.uploaded":
            raise NotHandedOver("PandaDoc is still making the document", retry_after=_MADE_SOON)
        if there.status == "document.error":
            raise Refused("PandaDoc could not make the document from its template")
        return there

    async def _there(self, effect: WithdrawDocument) -> Document | None:
        if effect.reference is not None:
            return await self._client.read(effect.reference)
        return await self._client.find(key_of(effect.sending))
