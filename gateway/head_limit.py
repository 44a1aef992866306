"""Limits for the head of a request: its size, and that it says in one way how long its body is."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.connections import MAX_HEADER_BYTES
from gateway.problems import Problem, answer

_SEPARATORS = 4
"""Bytes around the name and the value of a header."""
_TWO_LENGTHS = {b"content-length", b"transfer-encoding"}


class HeadLimit:
    """ASGI middleware that refuses a head that the server let through, since all of it came at once.

    A head that says the length of its body in two ways may be read otherwise by a proxy, which then takes a part of
    the body for another request (RFC 9112, 6.1).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        refusal = _refusal(scope) if scope["type"] == "http" else None
        await (self._app if refusal is None else refusal)(scope, receive, send)


def _refusal(scope: Scope) -> ASGIApp | None:
    line = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if line + sum(len(name) + len(value) + _SEPARATORS for name, value in scope["headers"]) > MAX_HEADER_BYTES:
        detail = f"A request's line and headers may have {MAX_HEADER_BYTES} bytes."
        return _refuse(431, "head-too-large", "The head of the request is too large", detail)
    if {name.lower() for name, _ in scope["headers"]} >= _TWO_LENGTHS:
        detail = "Send either Content-Length or Transfer-Encoding."
        return _refuse(400, "two-lengths", "The request says its length in two ways", detail)
    return None


def _refuse(status: int, name: str, title: str, detail: str) -> ASGIApp:
    problem = Problem(type=f"urn:dealwright:problem:{name}", title=title, status=status, detail=detail)
    # What comes next on the connection may be a rest of this request.
    return answer(problem, {"Connection": "close"})
