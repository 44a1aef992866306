"""Stripe's API, v1, as far as the simulator has it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.stripe.simulator.account import Account, listed, problem

_TYPES = re.compile(r"types\[\d*\]")
_ENABLED = re.compile(r"enabled_events\[\d*\]")
_EVENT_FIELDS = {"created[gte]", "created[gt]", "created[lt]", "created[lte]", "limit", "starting_after", "type"}


class Api:
    """The paths."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        return [
            Route("/v1/events", self._events),
            Route("/v1/webhook_endpoints", self._endpoints),
            Route("/v1/webhook_endpoints/{id}", self._change, methods=["POST"]),
        ]

    async def _events(self, request: Request) -> Response:
        asked = request.query_params
        for name in asked:
            if name not in _EVENT_FIELDS and not _TYPES.fullmatch(name):
                return problem(400, "invalid_request_error", f"Received unknown parameter: {name}", name)
        limit = asked.get("limit", "10")
        if not limit.isdecimal() or not 1 <= int(limit) <= 100:  # noqa: PLR2004 - what Stripe documents
            return problem(400, "invalid_request_error", "This value must be between 1 and 100.", "limit")
        types = {value for name, value in asked.items() if _TYPES.fullmatch(name)}
        found = [one for one in reversed(self._account.events) if not types or one["type"] in types]
        found = [one for one in found if _in_time(int(str(one["created"])), request)]
        if after := asked.get("starting_after"):
            places = [number for number, one in enumerate(found) if one["id"] == after]
            if not places:
                return problem(400, "invalid_request_error", f"No such event: '{after}'", "starting_after")
            found = found[places[0] + 1 :]
        return listed("/v1/events", found[: int(limit)], more=len(found) > int(limit))

    async def _endpoints(self, _: Request) -> Response:
        return listed("/v1/webhook_endpoints", [one.shown() for one in self._account.endpoints.values()])

    async def _change(self, request: Request) -> Response:
        there = self._account.endpoints.get(request.path_params["id"])
        if there is None:
            return problem(404, "invalid_request_error", "No such webhook endpoint", "id")
        async with request.form() as form:
            said = {name: str(value) for name, value in form.items()}
        for name in said:
            if name not in {"disabled", "url", "description"} and not _ENABLED.fullmatch(name):
                return problem(400, "invalid_request_error", f"Received unknown parameter: {name}", name)
        if types := [value for name, value in said.items() if _ENABLED.fullmatch(name)]:
            there.enabled_events = types
        if "disabled" in said:
            there.status = "disabled" if said["disabled"] == "true" else "enabled"
        return JSONResponse(there.shown())


def _in_time(created: int, request: Request) -> bool:
    asked = request.query_params
    return (
        created >= int(asked.get("created[gte]", "0"))
        and created > int(asked.get("created[gt]", "-1"))
        and ("created[lt]" not in asked or created < int(asked["created[lt]"]))
        and ("created[lte]" not in asked or created <= int(asked["created[lte]"]))
    )
