"""A chat's incoming webhook (Slack, Mattermost, Teams workflows …): ``POST {"text": …}``.

Built from the vendors' documentation. A webhook knows no idempotency: a call without an answer is never made again.
"""

from __future__ import annotations

from datetime import timedelta

import httpx2 as httpx

from activities.errors import NotHandedOver, Unanswered, from_http_status
from deals.effects import Notify


class ChatWebhook:
    """Posts notices to one channel. Close it at the end."""

    repeatable = False

    def __init__(self, url: str, *, timeout: timedelta = timedelta(seconds=10)) -> None:
        self._url = url
        self._http = httpx.AsyncClient(timeout=timeout.total_seconds())

    async def tell(self, deal_id: str, effect: Notify) -> None:
        """Post a notice, naming its deal and whom it is for.

        Raises:
            NotHandedOver: the chat did not take it.
            Refused: the chat never will.
            Unanswered: the chat did not say.
        """
        whom = f"{effect.owner.name} ({effect.role})" if effect.owner else effect.role
        try:
            answer = await self._http.post(self._url, json={"text": f"{whom}, deal {deal_id}: {effect.text}"})
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotHandedOver(f"The chat does not answer ({type(error).__name__})") from error
        except httpx.TransportError as error:
            raise Unanswered(f"the chat broke off ({type(error).__name__})") from error
        if not answer.is_success:
            raise from_http_status(answer.status_code, answer.text, retry_after=answer.headers.get("Retry-After"))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()
