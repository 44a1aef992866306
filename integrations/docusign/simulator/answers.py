"""What DocuSign's API says to a call that it does not take, and how it reads bodies."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Strict(BaseModel):
    """A body; what the documentation does not name is refused."""

    model_config = ConfigDict(extra="forbid")


_M = TypeVar("_M", bound=BaseModel)


def problem(code: str, message: str, status: int = 400) -> Response:
    """An error as DocuSign writes it."""
    return JSONResponse({"errorCode": code, "message": message}, status)


def missing_envelope() -> Response:
    """There is no such envelope."""
    said = "The envelope specified either does not exist or you have no rights to it."
    return problem("ENVELOPE_DOES_NOT_EXIST", said, 404)


async def read_as(request: Request, model: type[_M]) -> _M | Response:
    """The body, or what is answered to one that is wrong."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return problem("INVALID_CONTENT_TYPE", "Content type is not supported.", 415)
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        said = f"The request body is missing or improperly formatted. {where}"
        return problem("INVALID_REQUEST_BODY", said)
