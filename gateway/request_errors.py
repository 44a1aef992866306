"""What is wrong with a request, as a problem (RFC 9457) lists it: at a pointer into the body, or at a parameter."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from dealwright.diagnostics.diagnostic import Code, Diagnostic, Place
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.diagnostics.text import sentence, short
from dealwright.validation.errors import MOST_DIAGNOSTICS, BadDeal, shortened

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_LONGEST_DETAIL = 2000


class RequestError(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str | None = Field(
        default=None,
        examples=["#/deal/contacts/0/timezone"],
        description="Where in the body (RFC 6901, as a fragment); none for the body as a whole.",
    )
    parameter: str | None = Field(
        default=None, examples=["limit"], description="The path's or query's parameter, or the header, instead."
    )
    detail: str = Field(examples=["'Europe/Berln' is not an IANA time zone."])
    remedy: str | None = Field(default=None, examples=["Write Europe/Berlin."])
    code: Code | None = Field(default=None, description="What programs may tell apart.")


class RequestErrors(NamedTuple):
    """Everything that is wrong with a request, within bounds."""

    detail: str
    """All of it in a few sentences."""
    errors: list[RequestError]
    more: int = 0
    """How many there are besides."""


def errors_of_input(diagnostics: tuple[Diagnostic, ...], more: int = 0) -> RequestErrors:
    """What is wrong with the body."""
    return _listed([(True, one) for one in diagnostics], more)


def errors_of_request(request: Request, error: RequestValidationError) -> RequestErrors:
    """What FastAPI refused of a request."""
    if _is_no_json(request, error):
        given = short(request.headers.get("content-type") or "none", 80)
        remedy = "send the header Content-Type: application/json with it"
        return errors_of_input((Diagnostic((), f"the body's Content-Type is {given}", remedy, code="syntax"),))
    items = error.errors()
    causes = [item.get("ctx", {}).get("error") for item in items]
    more = sum(cause.more for cause in causes if isinstance(cause, BadDeal)) + max(len(items) - MOST_DIAGNOSTICS, 0)
    route = request.scope.get("route")
    return _listed([told for item in items[:MOST_DIAGNOSTICS] for told in _of_item(item, route)], more)


def _of_item(item: ErrorDetails, route: object) -> Iterator[tuple[bool, Diagnostic]]:
    where, *rest = item["loc"]
    if item["type"] == "json_invalid":  # its place counts characters
        yield True, Diagnostic((), "the body is no JSON", "send one JSON object", code="syntax")
        return
    if item["type"] == "missing" and item["loc"] == ("body",):
        yield True, Diagnostic((), "the request has no body", "send one JSON object", code="missing")
        return
    for one in diagnostics_of([{**item, "loc": tuple(rest)}], _model(route, where)):
        yield where == "body", one


def _model(route: object, where: int | str) -> type[BaseModel] | None:
    """What the body or the query of a route is read as."""
    if not isinstance(route, APIRoute):
        return None
    fields = [route.body_field] if where == "body" else route.dependant.query_params if where == "query" else []
    kinds = [field.field_info.annotation for field in fields if field is not None]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _listed(told: list[tuple[bool, Diagnostic]], more: int) -> RequestErrors:
    kept = [(in_body, shortened(one)) for in_body, one in islice(told, MOST_DIAGNOSTICS)]
    more += len(told) - len(kept)
    detail = short(" ".join(str(one) for _, one in kept), _LONGEST_DETAIL) + (f" And {more} more." if more else "")
    return RequestErrors(detail, [_request_error(one, in_body=in_body) for in_body, one in kept], more)


def _request_error(one: Diagnostic, *, in_body: bool) -> RequestError:
    return RequestError(
        pointer=_pointer(one.place) if in_body and one.place else None,
        parameter=None if in_body else one.path,
        detail=sentence(one.problem),
        remedy=sentence(one.remedy) if one.remedy else None,
        code=one.code,
    )


def _pointer(place: Place) -> str:
    """A place as a JSON pointer in a URI's fragment."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return "#/" + "/".join(quote(step, safe="~!$&'()*+,;=:@", errors="replace") for step in steps)


def _is_no_json(request: Request, error: RequestValidationError) -> bool:
    """Whether a body was not even looked at, since its header does not say that it is JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    return isinstance(error.body, bytes | str) and bool(error.body) and not is_json
