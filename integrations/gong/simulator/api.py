"""Gong's API, v2, as far as the simulator has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.gong.simulator.account import Account, Call

PAGE = 100
"""Calls in a page."""


class _Filter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    fromDateTime: AwareDatetime | None = None  # noqa: N815 - Gong's names
    toDateTime: AwareDatetime | None = None  # noqa: N815
    callIds: list[str] | None = None  # noqa: N815
    workspaceId: str | None = None  # noqa: N815
    primaryUserIds: list[str] | None = None  # noqa: N815


class _Selector(BaseModel):
    model_config = ConfigDict(extra="forbid")
    context: str = "None"
    contextTiming: list[str] | None = None  # noqa: N815
    exposedFields: dict[str, JsonValue] = {}  # noqa: N815


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    filter: _Filter
    contentSelector: _Selector = _Selector()  # noqa: N815
    cursor: str | None = None


def problem(status: int, *errors: str) -> Response:
    """An error as Gong writes it."""
    return JSONResponse({"requestId": uuid4().hex, "errors": [*errors]}, status)


class Api:
    """The paths."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        return [Route("/v2/calls/extensive", self._extensive, methods=["POST"])]

    async def _extensive(self, request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return problem(415, "Unsupported Media Type")
        try:
            asked = _Asked.model_validate_json(await request.body())
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            return problem(400, f"Failed to verify request: {where}")
        if asked.filter.callIds is None and asked.filter.fromDateTime is None:
            return problem(400, "At least one of callIds and fromDateTime is needed")
        found = self._found(asked.filter)
        begin = int(asked.cursor or "0")
        page = found[begin : begin + PAGE]
        if not page:
            return problem(404, "No calls found corresponding to the provided filters")
        return JSONResponse({"requestId": uuid4().hex, "records": self._records(found, begin, page), "calls": [
            self._shown(one, asked.contentSelector) for one in page
        ]})  # fmt: skip

    def _found(self, wanted: _Filter) -> list[Call]:
        calls = sorted(self._account.calls.values(), key=lambda one: (one.started, one.id))
        if wanted.callIds is not None:
            return [one for one in calls if one.id in wanted.callIds]
        begins, ends = wanted.fromDateTime, wanted.toDateTime
        return [one for one in calls if _within(one.started, begins, ends)]

    def _records(self, found: list[Call], begin: int, page: list[Call]) -> dict[str, JsonValue]:
        records: dict[str, JsonValue] = {"totalRecords": len(found), "currentPageSize": len(page)}
        if begin + PAGE < len(found):
            records["cursor"] = str(begin + PAGE)
        return records

    def _shown(self, call: Call, wanted: _Selector) -> dict[str, JsonValue]:
        shown, fields = call.extensive(), wanted.exposedFields
        if wanted.context != "Extended":
            del shown["context"]
        if not fields.get("parties"):
            del shown["parties"]
        content = fields.get("content")
        if not (isinstance(content, dict) and content.get("pointsOfInterest")):
            del shown["content"]
        return shown


def _within(at: datetime, begins: datetime | None, ends: datetime | None) -> bool:
    return (begins is None or at >= begins) and (ends is None or at < ends)
