"""Posts what a playbook's ``webhook`` step tells, as https://www.standardwebhooks.com says.

``webhook-id`` is the effect's id in all attempts: whoever takes a request twice knows it by that. Of an answer nothing
but its status and headers is read, and no call lasts longer than ``LONGEST_CALL``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

import httpx2 as httpx
from pydantic import JsonValue
from standardwebhooks.webhooks import Webhook

from dealwright.effects import PostWebhook
from integrations.endpoints.settings import Endpoint
from integrations.kit.delivery import LONGEST_CALL, Delivery, Idempotency
from integrations.kit.errors import NotHandedOver, Unanswered, from_http_status
from integrations.kit.trusted_authorities import trusted_authorities

_TIMEOUT = httpx.Timeout(LONGEST_CALL.total_seconds() - 5, connect=5)


class PostedEndpoints:
    """The team's own endpoints."""

    def __init__(
        self, endpoints: Mapping[str, Endpoint], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._endpoints, self._clock = endpoints, clock

    def post(self, deal_id: str, effect: PostWebhook) -> Delivery:
        """A request to an endpoint.

        Raises:
            NotHandedOver: this installation has none of that name; it may get one.
        """
        endpoint = self._endpoints.get(effect.endpoint)
        if endpoint is None:
            remedy = "add it to the connections file, under tools: endpoints: to:"
            raise NotHandedOver(f"there is no endpoint {effect.endpoint!r}: {remedy}")
        body = json.dumps(_content(deal_id, effect), separators=(",", ":"))
        return Delivery(send=partial(self._send, endpoint, effect.id, body), idempotency=Idempotency.VENDOR)

    async def _send(self, endpoint: Endpoint, id_: str, body: str) -> None:
        now = self._clock()
        headers = {
            "content-type": "application/json", "user-agent": "Dealwright", "webhook-id": id_,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(endpoint.secret.get_secret_value()).sign(id_, now, body),
        }  # fmt: skip
        try:
            async with (
                asyncio.timeout(LONGEST_CALL.total_seconds()),
                httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, verify=trusted_authorities()) as client,
                client.stream("POST", endpoint.url, content=body.encode(), headers=headers) as answer,
            ):
                status, said, retry_after = answer.status_code, answer.reason_phrase, answer.headers.get("Retry-After")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotHandedOver(f"the endpoint does not answer ({type(error).__name__})") from error
        except (httpx.TransportError, TimeoutError) as error:
            raise Unanswered(f"the endpoint broke off ({type(error).__name__})") from error
        if not httpx.codes.is_success(status):
            raise from_http_status(status, said, retry_after=retry_after)


def _content(deal_id: str, effect: PostWebhook) -> dict[str, JsonValue]:
    about: dict[str, JsonValue] = {
        "deal_id": deal_id, "stage": effect.stage, "play": effect.play,
        "deal": effect.deal.model_dump(mode="json", exclude_none=True),
    }  # fmt: skip
    about |= {name: value for name, value in (("contact", effect.contact), ("text", effect.text)) if value is not None}
    return {"type": effect.endpoint, "timestamp": effect.at.isoformat(), "data": about}
