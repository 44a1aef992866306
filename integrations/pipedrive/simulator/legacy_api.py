"""API v1, for what v2 does not have: notes, call logs, users, participants of a deal, webhooks."""

from __future__ import annotations

import re

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.pipedrive.simulator.changes import Author, Changes
from integrations.pipedrive.simulator.company import Record, Subscription
from integrations.pipedrive.simulator.errors import PipedriveError, bad_request
from integrations.pipedrive.simulator.requests import answering, body_of, enveloped

V1 = "/v1"
_ACTIONS, _OBJECTS = (
    {"create", "change", "delete", "*"},
    {"activity", "deal", "lead", "note", "organization", "person", "user", "*"},
)
_MOST_WEBHOOKS = 40


class LegacyApi:
    """What is still v1."""

    def __init__(self, changes: Changes, author: Author) -> None:
        self._changes, self._company, self._author = changes, changes.company, author

    def routes(self) -> list[Route]:
        """Its paths."""
        return [
            Route(f"{V1}/notes", answering(self._notes)),
            Route(f"{V1}/notes", answering(self._add_note, 201), methods=["POST"]),
            Route(f"{V1}/callLogs", answering(self._call_logs)),
            Route(f"{V1}/callLogs", answering(self._add_call_log), methods=["POST"]),
            Route(f"{V1}/users", answering(self._users)),
            Route(f"{V1}/users/me", answering(self._me)),
            Route(f"{V1}/deals/{{id}}/changelog", answering(self._changelog)),
            Route(f"{V1}/deals/{{id}}/persons", answering(self._persons)),
            Route(f"{V1}/deals/{{id}}/participants", answering(self._add_participant), methods=["POST"]),
            Route(f"{V1}/webhooks", answering(self._webhooks)),
            Route(f"{V1}/webhooks", answering(self._add_webhook, 201), methods=["POST"]),
            Route(f"{V1}/webhooks/{{id}}", answering(self._delete_webhook), methods=["DELETE"]),
        ]

    async def _notes(self, request: Request) -> JsonValue:
        wanted = request.query_params.get("deal_id")
        found = [one for one in self._newest("note") if wanted in {None, str(one.values["deal_id"])}]
        return enveloped([{"id": one.id, **one.values} for one in found[: _limit(request)]])

    async def _add_note(self, request: Request) -> JsonValue:
        given = await body_of(request)
        if not any(given.get(name) for name in ("deal_id", "person_id", "org_id", "lead_id")):
            raise bad_request("A note has to be on a deal, person, organization or lead")
        made = self._changes.create(
            "note", {**given, "content": _cleaned(str(given.get("content") or ""))}, self._author
        )
        return enveloped({"id": made.id, **made.values})

    async def _call_logs(self, request: Request) -> JsonValue:
        found: list[JsonValue] = [{**one.values, "id": f"{one.id:032x}"} for one in self._newest("callLog")]
        return enveloped(found[: _limit(request)])

    async def _add_call_log(self, request: Request) -> JsonValue:
        made = self._changes.create("callLog", await body_of(request), self._author)
        return enveloped({**made.values, "id": f"{made.id:032x}"})

    async def _users(self, request: Request) -> JsonValue:  # noqa: ARG002 - a handler
        return enveloped([one.model_dump() for one in self._company.users])

    async def _me(self, request: Request) -> JsonValue:  # noqa: ARG002 - a handler
        me = next(one for one in self._company.users if one.id == self._author.user_id)
        return enveloped({**me.model_dump(), "company_id": self._company.company_id})

    async def _changelog(self, request: Request) -> JsonValue:
        deal = self._changes.require("deal", request.path_params["id"])
        rows: list[JsonValue] = [one.model_dump() for one in reversed(deal.changes)]
        return enveloped(rows[: _limit(request)])

    async def _persons(self, request: Request) -> JsonValue:
        deal = self._changes.require("deal", request.path_params["id"])
        own = deal.values.get("person_id")
        return enveloped([{"id": one} for one in dict.fromkeys([*([own] if own else []), *deal.participants])])

    async def _add_participant(self, request: Request) -> JsonValue:
        deal, given = self._changes.require("deal", request.path_params["id"]), await body_of(request)
        person = self._changes.require("person", str(given.get("person_id")))
        deal.participants.append(person.id)
        return enveloped({"id": self._company.take_id(), "person_id": person.id})

    async def _webhooks(self, request: Request) -> JsonValue:  # noqa: ARG002 - a handler
        return enveloped([one.model_dump(mode="json", exclude={"http_auth_password"}) for one in self._mine()])

    async def _add_webhook(self, request: Request) -> JsonValue:
        given = await body_of(request)
        for name in ("subscription_url", "event_action", "event_object", "name"):
            if not given.get(name):
                raise bad_request(f"{name} is required")
        if given["event_action"] not in _ACTIONS or given["event_object"] not in _OBJECTS:
            raise bad_request("event_action or event_object is unknown")
        if len(self._mine()) >= _MOST_WEBHOOKS:
            raise PipedriveError(400, "The webhooks limit is reached")
        made = Subscription.model_validate(
            {"version": "2.0", **given, "id": self._company.take_id(), "user_id": self._author.user_id,
             "worked_at": self._changes.now()}
        )  # fmt: skip
        self._company.subscriptions.append(made)
        return enveloped(made.model_dump(mode="json", exclude={"http_auth_password"}))

    async def _delete_webhook(self, request: Request) -> JsonValue | Response:
        found = [one for one in self._company.subscriptions if str(one.id) == request.path_params["id"]]
        if not found:
            raise PipedriveError(404, "Webhook not found")
        self._company.subscriptions.remove(found[0])
        return enveloped(None)

    def _mine(self) -> list[Subscription]:
        self._changes.subscriptions.wanting("", "", self._changes.now())  # those that were given up go
        return self._company.subscriptions

    def _newest(self, kind: str) -> list[Record]:
        return sorted(self._company.records[kind].values(), key=lambda one: one.id, reverse=True)


def _limit(request: Request) -> int:
    return int(request.query_params.get("limit", "100"))


def _cleaned(content: str) -> str:
    """HTML as Pipedrive keeps it: attributes go, and entities are written its own way."""
    return re.sub(r"<(\w+)\s[^>]*>", r"<\1>", content).replace("&#x27;", "&#39;")
