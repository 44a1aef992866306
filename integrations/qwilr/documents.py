"""Documents in Qwilr: pages, made as drafts from a template, then published; taken back by closing their link.

Every call is of the class ``SEARCHABLE``: a page carries our key as a tag. Qwilr brings a page to nobody: its link goes
to the deal, whose own message brings it (``docs/decisions``, *A page is out once it can be opened*).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pydantic import JsonValue

from dealwright.effects import SendDocument, WithdrawDocument
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part, Unsure
from integrations.kit.documents import (
    keep_link,
    key_of,
    marks_of,
    name_of,
    nothing_to_do,
    own_changes,
    template_of,
)
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from integrations.qwilr.changes import DAYS, as_seen, known_of, object_of
from integrations.qwilr.client import QwilrClient
from integrations.qwilr.pages import ACCEPTED, CLOSED, Page
from integrations.qwilr.settings import SOURCE, QwilrConnection
from store import links, mirror
from store.database import Store

_VISIBLE_AFTER = timedelta(seconds=30)
"""Qwilr promises nothing of its lists."""
_SOON = timedelta(seconds=2)
_DAY = timedelta(days=1)


def qwilr_documents(connected: Connected) -> QwilrDocuments:
    """The documents of an installation that is connected to Qwilr."""
    return QwilrDocuments(connected.block(QwilrConnection), connected.store)


class QwilrDocuments:
    """Pages of one account."""

    def __init__(self, connection: QwilrConnection, store: Store) -> None:
        self._connection, self._store, self._client = connection, store, QwilrClient(connection, store)
        self._own = own_changes(store, SOURCE)

    async def send(self, deal_id: str, effect: SendDocument) -> Delivery:
        """A page, made from its template and published. Its link is kept for the deal's own message."""
        key, body = key_of(effect.id), self._body(deal_id, effect)
        seen: dict[str, Page] = {}

        async def send() -> str:
            page = await self._client.find(key)
            if page is None:
                raise NotHandedOver("Qwilr does not show the page yet that was made", retry_after=_SOON)
            if page.link is None:
                named = ", ".join(sorted(page.links or {})) or "no link at all"
                raise Refused(f"Qwilr does not say where the buyer opens the page: it names {named}")
            if page.status == "draft":
                page = await self._published(page.id, published=True)
            seen[page.id] = page
            return page.id

        async def find() -> Lookup:
            page = await self._client.find(key)
            if page is None:
                return Unsure("Qwilr does not show the page that was made")
            seen[page.id] = page
            return Absent() if page.status == "draft" else Found(page.id)

        async def arrived(reference: str | None) -> None:
            if reference is None or (page := seen.get(reference)) is None:
                return
            await links.link(self._store, SOURCE, object_of(reference), deal_id)
            if page.link is not None:
                await keep_link(self._store, SOURCE, reference, page.link, datetime.now(UTC))
            await self._keep(page, only=frozenset({"live"}))

        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER,
            before=(self._made(key, body),), arrived=arrived,
        )  # fmt: skip

    async def withdraw(self, deal_id: str, effect: WithdrawDocument) -> Delivery:  # noqa: ARG002 - it is found by its key
        """A page whose link is closed. A draft stays: nobody can open it."""
        there = await self._there(effect)
        if there is None or there.status in CLOSED:
            return nothing_to_do(effect.reference)
        if there.status == ACCEPTED:
            raise Refused("the buyer has accepted the page in Qwilr")
        seen: list[Page] = []

        async def send() -> str:
            page = await self._published(there.id, published=False)
            if page.status not in CLOSED:
                raise Refused(f"the page cannot be closed: it is {page.status} in Qwilr")
            seen.append(page)
            return page.id

        async def find() -> Lookup:
            page = await self._client.read(there.id)
            if page is not None and page.status not in CLOSED:
                return Absent()
            seen.extend([page] if page is not None else [])
            return Found(there.id)

        async def arrived(_: str | None) -> None:
            for page in seen:
                await self._keep(page, only=CLOSED - {"declined"})

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find, arrived=arrived)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _body(self, deal_id: str, effect: SendDocument) -> dict[str, JsonValue]:
        if effect.attachments:
            raise Refused("Qwilr pages have no attachments: put what goes with it into the template")
        days = _days(effect.expires_after)
        marks: dict[str, JsonValue] = {**marks_of(deal_id, effect), **({DAYS: str(days)} if days else {})}
        owner = self._connection.owner_id
        return {
            **self._made_of(effect), "name": name_of(deal_id, effect), "published": False,
            "substitutions": {**effect.terms.shown()}, "metadata": marks,
            "tags": [self._connection.tag, key_of(effect.id)],
            **({"expiry": {"enabled": True, "days": days}} if days else {}), **({"ownerId": owner} if owner else {}),
        }  # fmt: skip

    def _made_of(self, effect: SendDocument) -> dict[str, JsonValue]:
        """The template, or the saved blocks with the quote's lines: Qwilr takes lines for saved blocks alone."""
        quoted = self._connection.quotes.get(f"{effect.template} {effect.template_version}")
        if quoted is None:
            return {"templateId": template_of(self._connection, effect)}
        lines: list[JsonValue] = [_line(effect, term, says, quoted.currency) for term, says in quoted.lines.items()]
        sections: JsonValue = [{"lineItems": lines}]
        blocks: list[JsonValue] = [
            {"id": one, **({"quoteSections": sections} if one == quoted.quote else {})} for one in quoted.blocks
        ]
        return {"blocks": blocks}

    def _made(self, key: str, body: dict[str, JsonValue]) -> Part:
        async def send() -> str:
            return (await self._client.create(body)).id

        async def find() -> Lookup:
            there = await self._client.find(key)
            return Absent() if there is None else Found(there.id)

        delivery = Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER)
        return Part(name="made", delivery=delivery)

    async def _published(self, page: str, *, published: bool) -> Page:
        changes: dict[str, JsonValue] = {"change": "sent" if published else "voided"}
        return await self._own.announced(
            object_of(page), changes, lambda: self._client.publish(page, published=published)
        )

    async def _keep(self, page: Page, only: frozenset[str]) -> None:
        """Keep how a page stands where we brought that about, so that no later look takes it for somebody else's."""
        if page.status in only:
            now = datetime.now(UTC)
            seen = as_seen(page, await known_of(self._store, page.id), now)
            await mirror.note(self._store, SOURCE, object_of(page.id), seen, now)

    async def _there(self, effect: WithdrawDocument) -> Page | None:
        if effect.reference is not None:
            return await self._client.read(effect.reference)
        return await self._client.find(key_of(effect.sending))


def _days(length: timedelta | None) -> int | None:
    if length is not None and (length < _DAY or length % _DAY):
        raise Refused("a Qwilr page expires after whole days: write expires_after in days, like 30d")
    return None if length is None else length // _DAY


def _line(effect: SendDocument, term: str, says: str, currency: str) -> JsonValue:
    value, unit = effect.terms.values.get(term), effect.terms.currencies.get(term)
    if value is None or unit != currency:
        raise Refused(f"{effect.document} has no {term} in {currency}, which its quote in Qwilr has a line for")
    amount = Decimal(value)
    price = int(amount) if amount == amount.to_integral_value() else float(amount)
    return {"type": "fixedCost", "description": says, "unitPrice": price, "quantity": 1}
