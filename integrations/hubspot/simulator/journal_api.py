"""The webhooks journal, which is pulled, and the token that it needs: client credentials of the project app."""

from __future__ import annotations

from urllib.parse import parse_qs

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.hubspot.simulator.changes import Changes
from integrations.hubspot.simulator.errors import HubSpotError
from integrations.hubspot.simulator.portal import iso
from integrations.hubspot.simulator.requests import JsonObject, answering, body_of

JOURNAL_TOKEN = "local-hubspot-journal-token"  # noqa: S105 - of a simulator
_JOURNAL = "/webhooks-journal/journal/2026-03"
_SUBSCRIPTIONS = "/webhooks-journal/subscriptions/2026-03"


class JournalApi:
    """The journal."""

    def __init__(self, changes: Changes, client_id: str, client_secret: str) -> None:
        self._changes, self._portal = changes, changes.portal
        self._credentials = (client_id, client_secret)

    def routes(self) -> list[Route]:
        """Its paths."""
        return [
            Route("/oauth/2026-09/token", answering(self._token), methods=["POST"]),
            Route(f"{_JOURNAL}/earliest", answering(self._earliest), methods=["GET"]),
            Route(f"{_JOURNAL}/latest", answering(self._latest), methods=["GET"]),
            Route(f"{_JOURNAL}/offset/{{offset}}/next", answering(self._next), methods=["GET"]),
            Route("/_files/journal/{offset}", answering(self._file), methods=["GET"]),
            Route(_SUBSCRIPTIONS, answering(self._subscriptions), methods=["GET"]),
            Route(_SUBSCRIPTIONS, answering(self._subscribe), methods=["POST"]),
        ]

    async def _token(self, request: Request) -> JsonValue:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if form.get("grant_type") != "client_credentials" or given != self._credentials:
            raise HubSpotError(400, "BAD_AUTH_CODE", "missing or invalid client id or secret")
        scopes: list[JsonValue] = [*form.get("scope", "").split()]
        return {"access_token": JOURNAL_TOKEN, "token_type": "bearer", "expires_in": 1800, "scopes": scopes}

    async def _earliest(self, request: Request) -> JsonValue | Response:
        return self._at(request, 0)

    async def _latest(self, request: Request) -> JsonValue | Response:
        return self._at(request, len(self._portal.journal) - 1)

    async def _next(self, request: Request) -> JsonValue | Response:
        offsets = [entry.offset for entry in self._portal.journal]
        if request.path_params["offset"] not in offsets:
            raise HubSpotError(404, "OBJECT_NOT_FOUND", "The offset is unknown, or older than three days")
        return self._at(request, offsets.index(request.path_params["offset"]) + 1)

    def _at(self, request: Request, place: int) -> JsonValue | Response:
        self._require_token(request)
        if not 0 <= place < len(self._portal.journal):
            return Response(status_code=204)
        entry = self._portal.journal[place]
        url = f"{request.base_url}_files/journal/{entry.offset}"
        return {"url": url, "currentOffset": entry.offset, "expiresAt": iso(self._changes.now())}

    async def _file(self, request: Request) -> JsonValue:
        found = next(one for one in self._portal.journal if one.offset == request.path_params["offset"])
        events: list[JsonValue] = [event for event in found.events if self._subscribed(event)]
        return {"offset": found.offset, "journalEvents": events, "publishedAt": iso(found.published_at)}

    def _subscribed(self, event: JsonValue) -> bool:
        """Whether somebody asked for such events; without any subscription nothing is written down."""
        if not isinstance(event, dict):
            return False
        for one in self._portal.journal_subscriptions:
            actions, properties = one.get("actions"), one.get("properties")
            if one["objectTypeId"] != event["objectTypeId"] or not isinstance(actions, list):
                continue
            changed = event["propertyChanges"]
            names = set(changed) if isinstance(changed, dict) else set()
            wanted = {str(name) for name in properties} if isinstance(properties, list) else names
            if event["action"] in actions and (not names or names & wanted):
                return True
        return False

    async def _subscriptions(self, request: Request) -> JsonValue:
        self._require_token(request)
        return {"results": [*self._portal.journal_subscriptions]}

    async def _subscribe(self, request: Request) -> JsonValue:
        self._require_token(request)
        fields = ("subscriptionType", "objectTypeId", "portalId", "actions", "properties", "objectIds")
        body = await body_of(request, fields, ("subscriptionType", "objectTypeId", "portalId", "actions"))
        made: JsonObject = {"id": len(self._portal.journal_subscriptions) + 1, "appId": self._changes.app_id, **body}
        kept = [one for one in self._portal.journal_subscriptions if one["objectTypeId"] != body["objectTypeId"]]
        self._portal.journal_subscriptions = [*kept, made]
        return made

    def _require_token(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {JOURNAL_TOKEN}":
            raise HubSpotError(401, "INVALID_AUTHENTICATION", "The journal takes a client credentials token only")
