"""HubSpot's webhooks journal: what happened in the last three days, to be read where webhooks got lost.

https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/guide. It takes a client credentials token of
the project app, never the service key. What a file of it looks like is known from a third party's reader of it.
"""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, JsonValue

from integrations.hubspot.answers import classify
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.answers import Operation
from integrations.kit.credentials import Anonymous
from integrations.kit.http import Payload, ToolClient
from integrations.kit.oauth import OAuthGrant, client_credentials_form
from integrations.kit.request_budget import Unlimited
from integrations.kit.tokens import SharedTokens
from store.database import Store

log = logging.getLogger(__name__)
JOURNAL, SUBSCRIPTIONS = "/webhooks-journal/journal/2026-03", "/webhooks-journal/subscriptions/2026-03"
SCOPES = (
    "developer.webhooks_journal.read developer.webhooks_journal.subscriptions.read "
    "developer.webhooks_journal.subscriptions.write crm.objects.deals.read crm.objects.contacts.read "
    "crm.objects.companies.read"
)
_UNKNOWN = 404
_NEXT = Operation(name="ask for the journal's next entry", empty=frozenset({204, _UNKNOWN}))
_FILE = Operation(name="read a file of the journal")
_LIST = Operation(name="list the journal's subscriptions")
_SUBSCRIBE = Operation(name="subscribe to the journal", method="POST")


class _Entry(BaseModel):
    url: str
    offset: str = Field(alias="currentOffset")


class _File(BaseModel):
    events: list[JsonValue] = Field(alias="journalEvents", default=[])


class Subscription(BaseModel):
    """What the journal has of one kind of objects."""

    type_id: str = Field(alias="objectTypeId")
    actions: list[str] = []
    properties: list[str] = []


class _Subscriptions(BaseModel):
    results: list[Subscription] = []


class JournalPage(BaseModel):
    """One entry of the journal."""

    offset: str
    events: list[JsonValue]


class Journal:
    """The journal of one project app."""

    def __init__(self, connection: HubSpotConnection, store: Store) -> None:
        secret = connection.client_secret.get_secret_value() if connection.client_secret else ""
        client_id = connection.client_id or ""
        form = client_credentials_form(client_id, secret, SCOPES)
        grant = OAuthGrant("HubSpot", f"{connection.base_url}/oauth/2026-09/token", form, spends=False)
        tokens = SharedTokens(store, "hubspot-journal", grant, seed=(client_id, secret))
        self._http = ToolClient("HubSpot's journal", connection.base_url, tokens, Unlimited(), classify)

    async def after(self, offset: str | None) -> JournalPage | None:
        """The entry after this one, the first after ``""``, the latest without one; None when there is none (yet).

        Raises:
            NotHandedOver, Refused: the journal cannot be read now, or never.
        """
        path = (
            f"{JOURNAL}/offset/{offset}/next" if offset else f"{JOURNAL}/{'latest' if offset is None else 'earliest'}"
        )
        answer = await self._http.call(_NEXT, path)
        if answer.status == _UNKNOWN and offset:  # older than three days: what came in between is lost
            log.warning("HubSpot's journal does not go back to where it was read last; it is read from its beginning")
            answer = await self._http.call(_NEXT, f"{JOURNAL}/earliest")
        if answer.empty:
            return None
        entry = answer.read_as(_Entry)
        return JournalPage(offset=entry.offset, events=await self._events(entry.url))

    async def _events(self, url: str) -> list[JsonValue]:
        """What a file has. It lies on another host, which lets everybody in who knows its address."""
        parts = urlsplit(url)
        files = ToolClient("HubSpot's journal", f"{parts.scheme}://{parts.netloc}", Anonymous(), Unlimited())
        try:
            return (await files.call(_FILE, url)).read_as(_File).events
        finally:
            await files.close()

    async def subscriptions(self) -> list[Subscription]:
        """What it is subscribed to."""
        return (await self._http.call(_LIST, SUBSCRIPTIONS)).read_as(_Subscriptions).results

    async def subscribe(self, portal: int, type_id: str, actions: list[str], properties: list[str]) -> None:
        """Let the journal have changes of one kind of objects. A subscription that is there gets to be this one."""
        body: JsonValue = {
            "subscriptionType": "OBJECT", "objectTypeId": type_id, "portalId": portal, "actions": [*actions],
            "properties": [*properties],
        }  # fmt: skip
        await self._http.call(_SUBSCRIBE, SUBSCRIPTIONS, Payload(json=body))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
