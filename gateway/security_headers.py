"""Headers that tell browsers to keep to this API's own pages, and caches to keep nothing."""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # the path of an unsubscribe link stands for a person
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy of what is no page."""
_A_YEAR = "max-age=31536000"
STATIC = "/static-offline-docs"
"""Where the files of the API's page are."""


class SecurityHeaders:
    """ASGI middleware that sets them on every answer; a header that a route has set stays."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """``https``: whether the gateway is reached by TLS alone, as its public URL says."""
        self._app = app
        self._headers = {**_ALWAYS, "Content-Security-Policy": _NOTHING}
        if https:
            self._headers["Strict-Transport-Security"] = _A_YEAR

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(STATIC):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, sending)


def page_policy(html: str, *, form: bool = False) -> str:
    """The content security policy of one of our pages: its own scripts and styles, files from here, and no more."""
    scripts = " ".join(_hashes(html, "script"))
    action = "'self'" if form else "'none'"
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        f"connect-src 'self'; base-uri 'none'; form-action {action}; frame-ancestors 'none'"
    )


def _hashes(html: str, element: str) -> list[str]:
    inline = re.findall(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline]
