"""What calls may say: filters, pages, bodies; and errors as Outreach writes them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import from_json, to_json
from starlette.requests import Request
from starlette.responses import Response

from integrations.outreach.simulator.shown import JsonObject

MEDIA_TYPE = "application/vnd.api+json"
_MOST = 1000
_M = TypeVar("_M", bound=BaseModel)


class Shown(Protocol):
    """A record."""

    def shown(self) -> JsonObject:
        """As the API shows it."""


class Problem(Exception):
    """An error of the API."""

    def __init__(self, status: int, id_: str, title: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        error: JsonObject = {"id": id_, "title": title, "detail": detail}
        if pointer is not None:
            error["source"] = {"pointer": pointer}
        self.answer = json({"errors": [error]}, status)


class Identifier(BaseModel):
    """A resource identifier."""

    model_config = ConfigDict(extra="forbid")
    type: str
    id: int


class Related(BaseModel):
    """A relationship to one record."""

    model_config = ConfigDict(extra="forbid")
    data: Identifier


def json(content: JsonValue, status: int = 200) -> Response:
    """An answer of JSON:API."""
    return Response(to_json(content), status, media_type=MEDIA_TYPE)


def invalid(detail: str, pointer: str | None = None) -> Problem:
    """422, as for what a record is not valid for."""
    return Problem(422, "validationError", "Validation Error", detail, pointer)


def missing(kind: str, id_: str) -> Problem:
    """404."""
    return Problem(404, "resourceNotFound", "Resource Not Found", f"Could not find '{kind}' with ID '{id_}'.")


async def read_as(request: Request, model: type[_M]) -> _M:
    """The body as a model that knows what may stand in it.

    Raises:
        Problem: it does not.
    """
    try:
        return model.model_validate(from_json(await request.body()))
    except ValidationError as error:
        first = error.errors()[0]
        raise invalid(first["msg"], "/" + "/".join(map(str, first["loc"]))) from None
    except ValueError:
        raise Problem(400, "badRequest", "Bad Request", "The body is no JSON.") from None


def query_of(request: Request, *known: str) -> dict[str, str]:
    """The query, of which nothing may be unknown.

    Raises:
        Problem: something is.
    """
    asked = dict(request.query_params)
    for name in asked:
        if name not in {*known, "sort", "count", "page[size]", "page[after]"}:
            raise invalid(f"'{name}' is not a valid parameter.")
    return asked


def since_of(asked: dict[str, str], name: str) -> datetime | None:
    """The beginning of an open range (``2026-01-01T00:00:00Z..inf``).

    Raises:
        Problem: it is none.
    """
    if (text := asked.get(name)) is None:
        return None
    begin, dots, end = text.partition("..")
    try:
        if dots and end == "inf":
            return datetime.fromisoformat(begin)
    except ValueError:
        pass
    raise invalid(f"'{text}' is not a valid range for {name}.")


def page_of(request: Request, asked: dict[str, str], found: Sequence[Shown]) -> Response:
    """A page of a list, with the link to the next one.

    Raises:
        Problem: its size or its cursor is none.
    """
    size = asked.get("page[size]", "50")
    if not size.isdecimal() or not 1 <= int(size) <= _MOST:
        raise invalid("page[size] must be between 1 and 1000.")
    begin = _begin(asked.get("page[after]"))
    page: list[JsonValue] = [one.shown() for one in found[begin : begin + int(size)]]
    links: JsonObject = {}
    if begin + int(size) < len(found):
        after = base64.urlsafe_b64encode(str(begin + int(size)).encode()).decode()
        links["next"] = str(request.url.include_query_params(**{"page[after]": after}))
    return json({"data": page, "links": links})


def _begin(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        raise invalid("page[after] is not a valid cursor.") from None
