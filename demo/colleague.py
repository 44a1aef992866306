"""Somebody who sells, and uses the HTTP API: how they are told of their work, and what they are asked."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2

from demo.director import StoryFailed
from gateway.development_secrets import DEVELOPMENT_KEY
from integrations.kit.trusted_authorities import trusted_authorities

_LOOKS, _LOOK_EVERY = 300, 0.1
_PATIENCE = 30
"""Seconds that a request may take (wall clock): a busy machine is slow, and that is no fault of the deal's."""


class Colleague:
    """One person, known by e-mail address."""

    def __init__(self, gateway_url: str, email: str) -> None:
        self._gateway_url, self._email = gateway_url, email

    async def choose(self, channel: str) -> None:
        """Choose where to be told of their work."""
        async with self._connected() as http:
            answer = await http.put(f"/v1/people/{self._email}/preferences", json={"channel": channel})
            answer.raise_for_status()

    async def is_asked(self, deal_id: str, *names: str) -> None:
        """Wait until these things of a deal are on their list."""
        async with self._connected() as http:
            for _ in range(_LOOKS):
                answer = await http.get("/v1/work", params={"person": self._email, "deal_id": deal_id})
                listed: Any = answer.raise_for_status().json()
                if set(names) <= {one["name"] for one in listed["work"]}:
                    return
                await asyncio.sleep(_LOOK_EVERY)
        raise StoryFailed(f"{self._email} looked in vain for {', '.join(names)} in their list")

    def _connected(self) -> httpx2.AsyncClient:
        key = {"X-API-Key": DEVELOPMENT_KEY}
        return httpx2.AsyncClient(
            base_url=self._gateway_url, headers=key, timeout=_PATIENCE, verify=trusted_authorities()
        )
