"""Unexpected errors in the log without personal data: the class and the code positions, never the message."""

from __future__ import annotations

import logging
import traceback

from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)


def redacted(error: BaseException) -> str:
    """An error by its class and the places in the code that it went through. Its message may be personal."""
    places = traceback.extract_tb(error.__traceback__)
    way = " > ".join(f"{place.filename.rpartition('/')[2]}:{place.lineno} {place.name}" for place in places)
    cause = f", from {redacted(error.__cause__)}" if error.__cause__ else ""
    return f"{type(error).__name__} at {way or 'an unknown place'}{cause}"


class RedactErrors:
    """An ASGI app around another one that logs what that one raises. By then, the app has answered with a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            route = getattr(scope.get("route"), "path", "a path that is not there")
            log.error("%s %s failed: %s", scope["method"], route, redacted(error))  # noqa: TRY400 - see above
