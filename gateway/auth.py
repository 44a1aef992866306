"""API keys of the HTTP API, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from dealwright.diagnostics.diagnostic import BadValue
from gateway.problems import ApiError

MIN_KEY_LENGTH = 16

_header = APIKeyHeader(
    name="X-API-Key", scheme_name="API key", description="One of the gateway's API keys.", auto_error=False
)
_bearer = HTTPBearer(scheme_name="Bearer", description="The same key as a bearer token.", auto_error=False)

_VARIABLE = ("DEALWRIGHT_API_KEYS",)


class NoApiKeys(BadValue):
    """The gateway has no API key, and callers on this machine are not let in without one either."""

    def __init__(self) -> None:
        remedy = f"set one, or several separated by commas, of at least {MIN_KEY_LENGTH} characters each"
        super().__init__("the gateway has no API key", remedy, _VARIABLE)


class WeakApiKey(BadValue):
    """An API key is too short to be safe."""

    def __init__(self, length: int) -> None:
        super().__init__(f"an API key has {length} characters", f"make one of at least {MIN_KEY_LENGTH}", _VARIABLE)


class ApiKeys:
    """The keys that open the API. Several may be active, so that one can replace another without a gap.

    With ``keyless_on_loopback`` and no keys, callers on this machine need none: for development only, since
    whatever stands behind a proxy on the same machine counts as a caller on this machine.

    Raises:
        NoApiKeys: no key, and callers without one are not allowed either.
        WeakApiKey: a key is too short.
    """

    def __init__(self, keys: Sequence[str], *, keyless_on_loopback: bool = False) -> None:
        if not keys and not keyless_on_loopback:
            raise NoApiKeys
        for key in keys:
            if len(key) < MIN_KEY_LENGTH:
                raise WeakApiKey(len(key))
        self._digests = [_digest(key) for key in keys]

    def check(self, request: Request, key: str | None) -> None:
        """Let the caller in.

        Raises:
            ApiError: the key is missing or wrong.
        """
        request.state.caller = _digest(key or "").hex()
        if not self._digests and _is_local(request):
            return
        # Digests are of one length and every one is compared, so the time taken tells nothing about a key.
        given = _digest(key or "")
        if not sum(hmac.compare_digest(given, digest) for digest in self._digests):
            refusal = ApiError(401, "no-key", "No valid API key", "Send one as X-API-Key, or as a bearer token.")
            refusal.headers["WWW-Authenticate"] = "Bearer"
            raise refusal


async def require_api_key(
    request: Request,
    header: Annotated[str | None, Security(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> None:
    """The dependency of every route that needs a key."""
    keys: ApiKeys = request.app.state.api_keys
    keys.check(request, header or (bearer.credentials if bearer else None))


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _is_local(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
