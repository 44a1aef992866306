"""Calendly's API, v2, as far as the simulator has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.calendly.simulator.organization import API, ORGANIZATION, USER, Organization, Subscription, new_uri

EVENTS = (
    "invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted",
    "routing_form_submission.created",
)  # fmt: skip
_FIELDS = {"url", "events", "organization", "user", "group", "scope", "signing_key"}
Handler = Callable[[Request], Awaitable[Response]]


def problem(status: int, title: str, message: str, *details: JsonValue) -> Response:
    """An error as Calendly writes it."""
    return JSONResponse({"title": title, "message": message, "details": [*details]}, status)


class Api:
    """The paths."""

    def __init__(self, organization: Organization, now: Callable[[], datetime]) -> None:
        self._organization, self._now = organization, now

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        return [
            Route("/users/me", self._me),
            Route("/event_types", self._event_types),
            Route("/scheduled_events", self._scheduled),
            Route("/scheduled_events/{event}/invitees", self._invitees),
            Route("/scheduled_events/{event}/invitees/{invitee}", self._invitee),
            Route("/webhook_subscriptions", self._subscriptions, methods=["GET"]),
            Route("/webhook_subscriptions", self._subscribe, methods=["POST"]),
            Route("/webhook_subscriptions/{id}", self._unsubscribe, methods=["DELETE"]),
        ]

    async def _me(self, _: Request) -> Response:
        return JSONResponse({"resource": {"uri": USER, "name": "Sam Fox", "current_organization": ORGANIZATION}})

    async def _event_types(self, request: Request) -> Response:
        if request.query_params.get("organization") != ORGANIZATION:
            return _invalid("organization", "is not yours")
        return _page([{"uri": one.uri, "name": one.name, "active": True} for one in self._organization.event_types])

    async def _scheduled(self, request: Request) -> Response:
        asked = request.query_params
        if asked.keys() - {"organization", "min_start_time", "sort", "count", "page_token", "status"}:
            return _invalid("query", "has unknown parameters")
        if asked.get("organization") != ORGANIZATION:
            return _invalid("organization", "is not yours")
        since = datetime.fromisoformat(asked.get("min_start_time", "2000-01-01T00:00:00+00:00"))
        found = [one for one in self._organization.invitees.values() if one.starts_at >= since]
        found.sort(key=lambda one: (one.starts_at, one.event))
        first, count = int(asked.get("page_token", "0")), int(asked.get("count", "20"))
        more = str(first + count) if first + count < len(found) else None
        return _page([one.shown()["scheduled_event"] for one in found[first : first + count]], more)

    async def _invitees(self, request: Request) -> Response:
        event = f"{API}/scheduled_events/{request.path_params['event']}"
        shown = [one.shown() for one in self._organization.invitees.values() if one.event == event]
        for one in shown:
            del one["scheduled_event"]
        return _page(shown)

    async def _invitee(self, request: Request) -> Response:
        there = self._organization.invitees.get(f"{API}{request.url.path}")
        if there is None:
            return problem(404, "Resource Not Found", "The server could not find the requested resource.")
        shown = there.shown()
        del shown["scheduled_event"]  # webhooks alone have it within
        return JSONResponse({"resource": shown})

    async def _subscriptions(self, request: Request) -> Response:
        if request.query_params.get("organization") != ORGANIZATION:
            return _invalid("organization", "is not yours")
        if request.query_params.get("scope") not in {"organization", "user", "group"}:
            return _invalid("scope", "must be one of: user, group, organization")
        return _page([one.shown() for one in self._organization.subscriptions.values()])

    async def _subscribe(self, request: Request) -> Response:
        body = from_json(await request.body())
        if not isinstance(body, dict) or body.keys() - _FIELDS:
            return _invalid("body", "has unknown fields")
        if missing := {"url", "events", "organization", "scope"} - body.keys():
            return _invalid(min(missing), "can't be blank")
        events = body["events"]
        if not isinstance(events, list) or not events or not set(map(str, events)) <= set(EVENTS):
            return _invalid("events", "has an invalid entry")
        if self._organization.to(str(body["url"])):
            return problem(409, "Already Exists", "Hook with this url already exists")
        made = Subscription(
            uri=new_uri("webhook_subscriptions"), callback_url=str(body["url"]), events=[str(one) for one in events],
            signing_key=str(body.get("signing_key", "")), created_at=self._now(),
        )  # fmt: skip
        self._organization.subscriptions[made.uri] = made
        return JSONResponse({"resource": made.shown()}, 201)

    async def _unsubscribe(self, request: Request) -> Response:
        if self._organization.subscriptions.pop(f"{API}{request.url.path}", None) is None:
            return problem(404, "Resource Not Found", "The server could not find the requested resource.")
        return Response(status_code=204)


def _invalid(parameter: str, message: str) -> Response:
    details: JsonValue = {"parameter": parameter, "message": message}
    return problem(400, "Invalid Argument", "The supplied parameters are invalid.", details)


def _page(collection: Sequence[object], more: str | None = None) -> Response:
    pagination = {"count": len(collection), "next_page": None, "previous_page": None, "next_page_token": more}
    return JSONResponse({"collection": collection, "pagination": pagination})
