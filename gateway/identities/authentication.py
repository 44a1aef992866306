"""The dependencies of routes: who calls, and whether that key may do what the route does."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.params import Security as SecurityParameter
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from gateway.identities.callers import Caller
from gateway.identities.failed_attempts import FailedAttempts
from gateway.identities.key_ring import KeyRing
from gateway.identities.origin import address_of, is_from_this_machine
from gateway.problems import ApiError
from gateway.rate_limits import check_rate
from store.api_keys import Scope

_header = APIKeyHeader(
    name="X-API-Key", scheme_name="API key", description="One of the gateway's API keys.", auto_error=False
)
_bearer = HTTPBearer(scheme_name="Bearer", description="The same key as a bearer token.", auto_error=False)


async def authenticated(
    request: Request,
    header: Annotated[str | None, Security(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """Whoever's key came with the request.

    Raises:
        ApiError: 401, the key is missing or wrong; 429, too many wrong ones came.
        StoreAway: the keys cannot be read.
    """
    if isinstance(known := getattr(request.state, "caller", None), Caller):
        return known
    key = header or (bearer.credentials if bearer else "")
    keys: KeyRing = request.app.state.keys
    attempts: FailedAttempts = request.app.state.failed_attempts
    address = address_of(request)
    caller = await keys.find(key) if key else None
    if caller is None:
        raise _refusal(attempts.failed(address, key, "wrong key" if key else "no key"))
    if caller.on_this_machine_only and not is_from_this_machine(request):
        attempts.failed(address, key, "the key of local development, from elsewhere")
        raise _refusal(0, "The key of local development opens the API from this machine only, and not by a proxy.")
    if caller.guessable:
        if wait := attempts.must_wait(address, key, caller.key_id):
            raise _refusal(wait)
        attempts.opened(address, caller.key_id)
    request.state.caller = caller
    return caller


def require(scope: Scope) -> SecurityParameter:
    """What a route asks for: a key with this scope. It gives the :class:`Caller`.

    Write ``dependencies=[require(Scope.READ)]``, or ``caller: Annotated[Caller, require(Scope.READ)]``.
    """
    dependency: SecurityParameter = Security(_CHECKS[scope], scopes=[scope])
    return dependency


def _check_of(scope: Scope) -> Callable[[Caller], Awaitable[Caller]]:
    async def check(caller: Annotated[Caller, Depends(authenticated)]) -> Caller:
        if not caller.may(scope):
            may = ", ".join(sorted(caller.scopes)) or "nothing"
            text = f"This needs a key with the scope {scope}; the key {caller.name!r} has {may}."
            raise ApiError(403, "not-allowed", "The key may not do this", text)
        return caller

    return check


_CHECKS = {scope: _check_of(scope) for scope in Scope}


async def limit_rate(request: Request, caller: Annotated[Caller, Depends(authenticated)]) -> None:
    """The dependency of every route that sends something to a deal, or opens one.

    Raises:
        ApiError: 429, with when to send it again.
    """
    check_rate(request, caller.key_id)


def _refusal(wait: float, detail: str | None = None) -> ApiError:
    if wait:
        text = f"Too many requests without a valid key came: wait {math.ceil(wait)} s."
        refusal = ApiError(429, "too-many-wrong-keys", "Too many wrong keys", text)
        refusal.headers["Retry-After"] = str(math.ceil(wait))
        return refusal
    refusal = ApiError(401, "no-key", "No valid API key", detail or "Send one as X-API-Key, or as a bearer token.")
    refusal.headers["WWW-Authenticate"] = "Bearer"
    return refusal
