"""What PandaDoc's API shows of who did what: details, audit trails and members."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.pandadoc.simulator.workspace import Document, Workspace

_MOST = 100


class TrailApi:
    """Its paths."""

    def __init__(self, workspace: Workspace) -> None:
        self._all = workspace

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        return [
            Route("/public/v1/documents/{id}/details", self._details, methods=["GET"]),
            Route("/public/v2/documents/{id}/audit-trail", self._trail, methods=["GET"]),
            Route("/public/v1/members", self._members, methods=["GET"]),
        ]

    async def _details(self, request: Request) -> Response:
        if (one := self._one(request)) is None:
            return JSONResponse({"type": "not_found", "detail": "Not found."}, 404)
        people: list[JsonValue] = [each.shown() for each in one.recipients]
        return JSONResponse({**one.listed(), "metadata": one.metadata, "tags": one.tags, "recipients": people})

    async def _trail(self, request: Request) -> Response:
        if not self._all.administrator:
            return _problem(403, "forbidden")
        if (one := self._one(request)) is None:
            return _problem(404, "not_found")
        limit, offset = (request.query_params.get(name, "0") for name in ("limit", "offset"))
        if not (limit.isdecimal() and offset.isdecimal() and 1 <= int(limit) <= _MOST):
            return _problem(400, "invalid_request")
        page = one.trail[int(offset) : int(offset) + int(limit)]
        return JSONResponse({"count": len(one.trail), "results": [each.shown() for each in page]})

    async def _members(self, _: Request) -> Response:
        people: list[JsonValue] = [{"email": one, "is_active": True, "role": "Admin"} for one in self._all.members]
        return JSONResponse({"results": people})

    def _one(self, request: Request) -> Document | None:
        return self._all.documents.get(request.path_params["id"])


def _problem(status: int, code: str) -> Response:
    """An error as the second version of the API writes it."""
    return JSONResponse({"code": code, "details": []}, status)
