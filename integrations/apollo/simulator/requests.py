"""What calls may say, and errors as Apollo writes them."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse

_M = TypeVar("_M", bound=BaseModel)


class Problem(Exception):
    """An error of the API."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.answer = JSONResponse({"error": error}, status)


async def read_as(request: Request, model: type[_M]) -> _M:
    """The body as a model that knows what may stand in it.

    Raises:
        Problem: it does not.
    """
    try:
        return model.model_validate(from_json(await request.body()))
    except (ValidationError, ValueError) as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "body"
        raise Problem(422, f"Parameters misconfigured. {where}") from None
