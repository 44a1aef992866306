"""The body of a request of the API: one JSON object in which nothing stands twice.

Python's reader takes the last of two fields of one name, and ``NaN``, which is no JSON (RFC 8259). Here both are told
to the sender, and so is a body that cannot be read at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import JsonValue
from starlette.exceptions import HTTPException
from typing_extensions import override

from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.diagnostics.text import quoted


class UnreadableBody(HTTPException):
    """A body that is no JSON as the API takes it. FastAPI lets only exceptions of this kind out of its reading."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(422, problem)
        self.diagnostic = Diagnostic((), problem, remedy, code="syntax")


class ReadsJson(APIRoute):
    """A route whose body is read strictly."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handling(request: Request) -> Response:
            return await handle(_Strict(request.scope, request.receive))

        return handling


def read(body: bytes) -> JsonValue:
    """What a body says.

    Raises:
        JSONDecodeError: it is no JSON.
        UnreadableBody: it is none that is taken, and why.
    """
    try:
        document: JsonValue = json.loads(body, object_pairs_hook=_each_once, parse_constant=_refuse)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise UnreadableBody("the body is nested too deep", "write it flatter") from None
    except UnicodeDecodeError:
        remedy = "write JSON in UTF-8, uncompressed"
        raise UnreadableBody("the body is no text in UTF-8", remedy) from None
    except ValueError:  # what Python says of an integer of more than 4,300 digits
        raise UnreadableBody("a number in the body has too many digits", "write a shorter one") from None
    return document


class _Strict(Request):
    @override
    async def json(self) -> JsonValue:
        return read(await self.body())


def _each_once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        raise UnreadableBody(f"{quoted(name)} stands more than once in one object", "leave one of them")
    return fields


def _refuse(constant: str) -> NoReturn:
    raise UnreadableBody(f"{constant} is no number in JSON", "write a finite number, or leave the field out")
