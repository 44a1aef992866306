"""What the parts of the API share: bodies that are read strictly, envelopes, pages, errors as answers."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Sequence

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.pipedrive.simulator.company import JsonObject
from integrations.pipedrive.simulator.errors import PipedriveError, bad_request

Handler = Callable[[Request], Awaitable[Response]]
_MOST = 500


async def body_of(request: Request) -> JsonObject:
    """The request's body.

    Raises:
        PipedriveError: it is no JSON object.
    """
    if "application/json" not in request.headers.get("content-type", ""):
        raise PipedriveError(415, "Unsupported Media Type")
    try:
        body = from_json(await request.body())
    except ValueError as error:
        raise bad_request(f"Invalid JSON ({error})") from None
    if not isinstance(body, dict):
        raise bad_request("The body has to be an object")
    return body


def enveloped(data: JsonValue, additional: JsonValue = None) -> JsonObject:
    """An answer."""
    return {"success": True, "data": data, "additional_data": additional}


def page_of(request: Request, found: Sequence[JsonValue]) -> JsonObject:
    """One page of a list; the cursor is opaque.

    Raises:
        PipedriveError: the query is none.
    """
    limit, cursor = request.query_params.get("limit", "100"), request.query_params.get("cursor", "")
    if not limit.isdecimal() or not 1 <= int(limit) <= _MOST:
        raise bad_request(f"limit must be between 1 and {_MOST}")
    try:
        start = int(base64.b64decode(cursor, validate=True)) if cursor else 0
    except ValueError:
        raise bad_request("cursor is invalid") from None
    end = start + int(limit)
    following = base64.b64encode(str(end).encode()).decode() if end < len(found) else None
    return enveloped(list(found[start:end]), {"next_cursor": following})


def only_query(request: Request, *known: str) -> None:
    """Refuse a parameter that there is not.

    Raises:
        PipedriveError: one is unknown.
    """
    if unknown := sorted(set(request.query_params) - set(known)):
        raise bad_request(f"Parameter '{unknown[0]}' is not allowed")


def answering(handle: Callable[[Request], Awaitable[JsonValue | Response]], status: int = 200) -> Handler:
    """A handler that returns JSON, and whose errors are answers."""

    async def handled(request: Request) -> Response:
        try:
            answer = await handle(request)
        except PipedriveError as error:
            return error.response()
        return answer if isinstance(answer, Response) else JSONResponse(answer, status)

    return handled
