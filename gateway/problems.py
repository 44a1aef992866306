"""Every error of the HTTP API as a problem (RFC 9457): one shape, and words that say what to do."""

from __future__ import annotations

import http
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from dealwright.client.errors import (
    CommandIdReused,
    CommandRefused,
    DealError,
    DealExists,
    DealFinished,
    NoSuchDeal,
    TemporalAway,
    TemporalRefused,
)
from dealwright.diagnostics.diagnostic import BadInput
from dealwright.diagnostics.text import short
from dealwright.identity import BadDealId
from dealwright.validation.errors import MOST_DIAGNOSTICS, BadDeal
from gateway.api_description.describing import fill_in
from gateway.json_body import UnreadableBody
from gateway.request_errors import RequestError, RequestErrors, errors_of_input, errors_of_request
from store.api_keys import KeyNameTaken, KeyRefused, KeyRevoked, NoSuchKey, TooManyKeys
from store.errors import StoreAway, UnknownPlaybook

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
LONGEST_DETAIL = 2000
"""Characters of a problem's detail."""


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["urn:dealwright:problem:deal-exists"])
    title: str = Field(examples=["Another deal runs under this id"])
    status: int = Field(examples=[409])
    detail: str | None = Field(default=None, examples=["Choose another id, or change the running deal with amend."])
    errors: list[RequestError] | None = Field(
        default=None,
        max_length=MOST_DIAGNOSTICS,
        description=f"What is wrong with the request, each with its remedy; the first {MOST_DIAGNOSTICS}.",
    )
    more: int | None = Field(default=None, description="How many errors there are besides.")
    attempt: str | None = None
    """The id under which to send the same again."""


class ApiError(Exception):
    """A request that cannot be served, with the problem that says why."""

    def __init__(self, status: int, name: str, title: str, detail: str | None = None) -> None:
        super().__init__(detail or title)
        self.problem = Problem(type=f"urn:dealwright:problem:{name}", title=title, status=status, detail=detail)
        self.headers: dict[str, str] = {}


_STORE_AWAY = "The database does not answer; it is tried again. Nothing is known to have been done: try again too."
"""What the driver says is in the log: it names hosts and files, and is no help to callers."""
_TITLES: dict[type[Exception], tuple[int, str, str]] = {
    NoSuchDeal: (404, "no-such-deal", "No such deal"),
    DealFinished: (409, "deal-finished", "The deal is finished"),
    DealExists: (409, "deal-exists", "Another deal runs under this id"),
    CommandIdReused: (422, "idempotency-key-reused", "The key was used for something else"),
    CommandRefused: (422, "command-refused", "The deal would not take the command"),
    TemporalRefused: (422, "too-large", "Temporal would not take the request"),
    TemporalAway: (503, "temporal-away", "Temporal does not answer"),
    UnknownPlaybook: (422, "unknown-playbook", "No such playbook"),
    NoSuchKey: (404, "no-such-key", "No such key"),
    KeyNameTaken: (409, "key-name-taken", "Another key has this name"),
    KeyRevoked: (409, "key-revoked", "The key is good no more"),
    TooManyKeys: (409, "too-many-keys", "There are too many keys"),
    StoreAway: (503, "store-away", "The database does not answer"),
}
"""What a caller is told of each error, by its class."""


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    content = json.dumps(problem.model_dump(exclude_none=True))
    retry = {"Retry-After": "5"} if problem.status == http.HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(content, problem.status, {**retry, **(headers or {})}, MEDIA_TYPE)


def problems(*statuses: int) -> dict[int | str, dict[str, object]]:
    """The problems that a route may answer with, for the API's description."""
    return {status: {"model": Problem, "description": http.HTTPStatus(status).phrase} for status in statuses}


def add_error_handlers(app: FastAPI) -> None:
    """Have every error of the app answered as a problem."""
    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        RequestValidationError: _invalid,
        UnreadableBody: _unreadable,
        HTTPException: _plain,
        ApiError: _api_error,
        DealError: _known,
        StoreAway: _known,
        UnknownPlaybook: _known,
        KeyRefused: _known,
        BadDeal: _bad_input,
        BadDealId: _bad_input,
        Exception: _unknown,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def document_problems(app: FastAPI) -> None:
    """Have the API's description give problems their media type."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = describe()
        fill_in(schema)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if status >= "400":
                        response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        return schema

    app.openapi = described  # type: ignore[method-assign] # FastAPI's documented way to change the description


async def _known(_request: Request, error: Exception) -> Response:
    if isinstance(error, StoreAway):
        log.warning("%s", error)
    status, name, title = next(told for kind, told in _TITLES.items() if isinstance(error, kind))
    return answer(
        Problem(
            type=f"urn:dealwright:problem:{name}",
            title=title,
            status=status,
            detail=_STORE_AWAY if isinstance(error, StoreAway) else short(str(error), LONGEST_DETAIL),
            attempt=error.attempt if isinstance(error, TemporalAway) else None,
        )
    )


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return _wrong(errors_of_request(request, error))


async def _unreadable(_request: Request, error: Exception) -> Response:
    if not isinstance(error, UnreadableBody):
        raise error
    return _wrong(errors_of_input((error.diagnostic,)))


async def _bad_input(_request: Request, error: Exception) -> Response:
    if not isinstance(error, BadInput):
        raise error
    return _wrong(errors_of_input(error.diagnostics, error.more if isinstance(error, BadDeal) else 0))


def _wrong(found: RequestErrors) -> Response:
    return answer(
        Problem(
            type="urn:dealwright:problem:invalid",
            title="The request is not valid",
            status=422,
            detail=found.detail,
            errors=found.errors,
            more=found.more or None,
        )
    )


_ROUTES: dict[int, str] = {
    http.HTTPStatus.NOT_FOUND: "There is nothing at this path: /docs lists what there is.",
    http.HTTPStatus.METHOD_NOT_ALLOWED: "This path does not take this method: Allow names those that it takes.",
}
"""What to do about a path or method that no route has."""
_ROUTES_UNLISTED = {**_ROUTES, http.HTTPStatus.NOT_FOUND: "There is nothing at this path."}
"""The same, where the API does not describe itself."""


async def _plain(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    title = http.HTTPStatus(error.status_code).phrase
    known = _ROUTES if request.app.openapi_url else _ROUTES_UNLISTED
    detail = known.get(error.status_code) if error.detail == title else error.detail
    headers = dict(error.headers or {})
    if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return answer(Problem(type="about:blank", title=title, status=error.status_code, detail=detail), headers)


def _methods(request: Request) -> list[str]:
    """The methods that the path has, over all of its routes; one route knows only its own."""
    return [
        method
        for method in ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]


async def _api_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    return answer(error.problem, error.headers)


async def _unknown(_request: Request, _error: Exception) -> Response:
    # The server logs the error itself: Starlette raises it again behind this answer.
    detail = "This is a fault of ours; the server's log has it. Nothing is known to have been done."
    return answer(Problem(type="about:blank", title="Internal Server Error", status=500, detail=detail))
