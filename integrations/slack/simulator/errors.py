"""Slack's refusals: HTTP 200 with ``ok: false``, but for too many calls."""

from __future__ import annotations

from pydantic import JsonValue
from starlette.responses import JSONResponse, Response


class SlackError(Exception):
    """A call that Slack refuses."""

    def __init__(self, error: str, **more: JsonValue) -> None:
        super().__init__(error)
        self.error, self.more = error, more

    def response(self) -> Response:
        """In Slack's words."""
        return JSONResponse({"ok": False, "error": self.error, **self.more})


def too_many(after: int) -> Response:
    """The answer to a call that is one too many; ``after`` are seconds."""
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(after)})
