"""One attempt to send an event: a structured CloudEvent in an HTTP request signed as Standard Webhooks says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from ipaddress import IPv6Address
from typing import NamedTuple

import httpx2
from standardwebhooks.webhooks import Webhook

from gateway.events.cloud_events import CloudEvent
from gateway.events.targets import Address, Target, Targets, UnsafeTarget
from integrations.kit.retry_after import retry_after
from integrations.kit.trusted_authorities import trusted_authorities

MEDIA_TYPE = "application/cloudevents+json"
TIMEOUT = timedelta(seconds=15)
"""How long a subscriber may take, from its name being resolved to its answer's headers."""


class Sent(NamedTuple):
    """What a subscriber answered: a status, or why there is none."""

    status: int | None = None
    error: str | None = None
    retry_after: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Whether the subscriber has the event."""
        return self.status is not None and httpx2.codes.is_success(self.status)


class EventSender:
    """Sends events. Redirects are not followed, proxies not used, and answers not read beyond their headers."""

    def __init__(self, client: httpx2.AsyncClient, targets: Targets, longest: timedelta = TIMEOUT) -> None:
        self._client, self._targets, self._longest = client, targets, longest

    @classmethod
    @asynccontextmanager
    async def open(cls, targets: Targets, longest: timedelta = TIMEOUT) -> AsyncIterator[EventSender]:
        """A sender for as long as the block runs."""
        # No connection is kept: one to an address belongs to a name, and the next attempt resolves it anew.
        limits = httpx2.Limits(max_keepalive_connections=0)
        async with httpx2.AsyncClient(
            limits=limits,
            trust_env=False,
            follow_redirects=False,
            timeout=longest.total_seconds(),
            verify=trusted_authorities(trust_env=False),
        ) as client:
            yield cls(client, targets, longest)

    async def send(self, url: str, event: CloudEvent, secrets: Sequence[str], now: datetime) -> Sent:
        """Send an event once, signed with each of the secrets."""
        body = event.model_dump_json(exclude_none=True).encode()
        headers = {"content-type": MEDIA_TYPE, "user-agent": "Dealwright", **signed(event.id, body, secrets, now)}
        try:
            async with asyncio.timeout(self._longest.total_seconds()):
                target = self._targets.read(url)
                return await self._try_each(target, await self._targets.resolve(target), headers, body, now)
        except UnsafeTarget as error:
            return Sent(error=str(error))
        except TimeoutError:
            return Sent(error=f"no answer within {self._longest.total_seconds():g} s")
        except (httpx2.HTTPError, OSError) as error:
            return Sent(error=f"no answer ({type(error).__name__})")

    async def _try_each(
        self, target: Target, addresses: Sequence[Address], headers: dict[str, str], body: bytes, now: datetime
    ) -> Sent:
        for address in addresses[:-1]:
            try:
                return await self._post(target, address, headers, body, now)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue  # nothing was sent; a host may be reached at its next address
        return await self._post(target, addresses[-1], headers, body, now)

    async def _post(
        self, target: Target, address: Address, headers: dict[str, str], body: bytes, now: datetime
    ) -> Sent:
        pinned = target.url.copy_with(host=f"[{address}]" if isinstance(address, IPv6Address) else str(address))
        named = {**headers, "host": target.url.netloc.decode("ascii")}
        tls = {} if target.plain else {"sni_hostname": target.url.raw_host.decode("ascii")}
        async with self._client.stream("POST", pinned, content=body, headers=named, extensions=tls) as answer:
            wait = retry_after(answer.headers.get("retry-after"), now)
            error = None if answer.is_success else f"answered {answer.status_code}"
            return Sent(answer.status_code, error, wait)


def signed(event_id: str, body: bytes, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks: the id, the time of this attempt, and one signature for each secret."""
    signatures = [Webhook(secret).sign(event_id, now, body.decode()) for secret in secrets]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
