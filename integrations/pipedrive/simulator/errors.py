"""Pipedrive's error bodies (``{success, error, error_info, data}``)."""

from __future__ import annotations

from starlette.responses import JSONResponse

_INFO = "Please check developers.pipedrive.com for more information about Pipedrive API."


class PipedriveError(Exception):
    """A call that Pipedrive refuses, with its answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    def response(self) -> JSONResponse:
        """The answer."""
        body = {"success": False, "error": self.message, "error_info": _INFO, "data": None, "additional_data": None}
        return JSONResponse(body, self.status)


def bad_request(message: str) -> PipedriveError:
    """The body or the query cannot be read."""
    return PipedriveError(400, message)


def not_found(kind: str) -> PipedriveError:
    """No record has this id."""
    return PipedriveError(404, f"{kind} not found")
