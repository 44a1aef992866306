"""Gets what a proof needs from the network: a certificate, the confirmation of a subscription."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import httpx2

from integrations.kit.proof.request import CannotVerify

Get: TypeAlias = Callable[[str], Awaitable[bytes]]
"""Gets a URL.

Raises:
    CannotVerify: it gave no answer, or no success.
"""
_SECONDS, _MOST_BYTES = 5.0, 64 * 1024


async def get(url: str) -> bytes:
    """Get a small document over HTTPS, without following where else the answer points.

    Raises:
        CannotVerify: it gave no answer, no success, or too much.
    """
    try:
        async with httpx2.AsyncClient(timeout=_SECONDS, follow_redirects=False) as client:
            answer = await client.get(url)
    except httpx2.HTTPError as error:
        raise CannotVerify(f"{_host(url)} does not answer: {type(error).__name__}") from error
    if not answer.is_success or len(answer.content) > _MOST_BYTES:
        raise CannotVerify(f"{_host(url)} answered {answer.status_code} with {len(answer.content)} bytes")
    return answer.content


def _host(url: str) -> str:
    return httpx2.URL(url).host
