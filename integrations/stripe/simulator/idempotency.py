"""Idempotency keys, as Stripe keeps them: one answer to a key, and a problem for another body under it.

https://docs.stripe.com/api/idempotent_requests. What was not carried out (a bad parameter) is not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.stripe.simulator.account import Account, KeptAnswer, problem

Form = dict[str, str]
Handler = Callable[[Request, Form], Awaitable[Response]]
_LONGEST_KEY = 255


def once(account: Account, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A handler of a writing call, which makes each call with a key once."""

    async def handle(request: Request) -> Response:
        body, key = await request.body(), request.headers.get("idempotency-key", "")
        if not request.headers.get("content-type", "application/x-www-form-urlencoded").startswith(
            "application/x-www-form-urlencoded"
        ):
            return problem(400, "invalid_request_error", "Stripe's API takes forms, not JSON.")
        if len(key) > _LONGEST_KEY:
            return problem(400, "idempotency_error", "Idempotency keys have at most 255 characters.")
        told = hashlib.sha256(request.url.path.encode() + body).hexdigest()
        if (kept := account.answers.get(key)) is not None and key:
            if kept.call != told:
                text = "Keys for idempotent requests can only be used with the parameters they were first used with."
                return problem(400, "idempotency_error", text)
            return Response(kept.body, kept.status, {"idempotent-replayed": "true"}, "application/json")
        request.state.key = key or None
        answer = await handler(request, dict(parse_qsl(body.decode(), keep_blank_values=True)))
        if key and answer.status_code < 400:  # noqa: PLR2004 - what was carried out
            account.answers[key] = KeptAnswer(call=told, status=answer.status_code, body=bytes(answer.body).decode())
        return answer

    return handle


def no_such(what: str, id_: str) -> Response:
    """Stripe's 404."""
    return problem(404, "invalid_request_error", f"No such {what}: '{id_}'", "id", code="resource_missing")


def shown(body: dict[str, object] | object) -> Response:
    """An object."""
    return JSONResponse(body)
