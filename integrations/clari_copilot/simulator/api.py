"""Clari Copilot's API, 1.0.0, as far as the simulator has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.clari_copilot.simulator.workspace import Call, Workspace

_LISTED = {
    "skip", "limit", "filterUser", "filterAttendees", "filterTopics", "filterStatus", "filterType", "filterSourceId",
    "filterTimeGt", "filterTimeLt", "filterModifiedGt", "filterModifiedLt", "filterDurationGt", "filterDurationLt",
    "sortTime", "sortProcessed", "includePrivate", "includeAudio", "includeVideo", "includePagination",
}  # fmt: skip
_SIMULATED = {"skip", "limit", "filterTimeGt", "filterTimeLt", "sortTime", "includePrivate"}
_FURTHEST, _MOST = 10_000, 100


class _BadRequest(ValueError):
    """A parameter that is not taken."""


def problem(status: int, text: str) -> Response:
    """An error as it is written there."""
    return JSONResponse({"errorMessage": text}, status)


class Api:
    """The paths."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        return [
            Route("/calls", self._calls, methods=["GET"]),
            Route("/call-details", self._details, methods=["GET"]),
        ]

    async def _calls(self, request: Request) -> Response:
        given = request.query_params
        if unknown := sorted(set(given) - _LISTED):
            return problem(400, f"unknown parameter {unknown[0]}")
        try:
            if missing := sorted(set(given) - _SIMULATED):
                return problem(501, f"{missing[0]} is not simulated")
            skip = _whole(given.get("skip", "0"), 0, _FURTHEST)
            limit = _whole(given.get("limit", "25"), 1, _MOST)
            found = self._found(_time(given.get("filterTimeGt")), _time(given.get("filterTimeLt")))
        except _BadRequest as error:
            return problem(400, str(error))
        if given.get("includePrivate", "false") not in {"true", "1"}:
            found = [one for one in found if not one.private]
        found.sort(key=lambda one: (one.time, one.id), reverse=given.get("sortTime") == "desc")
        more = skip + limit < len(found)
        return JSONResponse({
            "calls": [one.listed() for one in found[skip : skip + limit]],
            "pagination": {
                "matched": len(found), "hasMore": more, **({"nextPageSkip": skip + limit} if more else {}),
            },
        })  # fmt: skip

    def _found(self, after: datetime | None, before: datetime | None) -> list[Call]:
        return [
            one
            for one in self._workspace.calls.values()
            if (after is None or one.time >= after) and (before is None or one.time <= before)
        ]

    async def _details(self, request: Request) -> Response:
        if (there := self._workspace.calls.get(request.query_params.get("id", ""))) is None:
            return problem(404, "Not found")
        return JSONResponse({"call": there.shown()})


def _whole(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise _BadRequest(f"{text} is no number from {least} to {most}")
    return int(text)


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise _BadRequest(f"{text} is no date-time") from None
