"""A chat's incoming webhook (Slack, Mattermost, Teams workflows …): ``POST {"text": …}``.

Built from the vendors' documentation. A webhook knows no idempotency: a call without an answer is never made again.

Notices carry what strangers wrote. In a chat it is text: it calls nobody and is no link that leads elsewhere than it
says. Slack knows three characters by which text could be more, and asks to escape them. Mattermost reads those too,
and Markdown, in which it makes mentions of its own (https://docs.mattermost.com, "Slack compatibility"); escapes of
Markdown would be seen in Slack, so a space takes its meaning from it.
"""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx2 as httpx

from dealwright.effects import Notify
from integrations.kit.delivery import Delivery
from integrations.kit.errors import NotHandedOver, Unanswered, from_http_status
from integrations.kit.trusted_authorities import trusted_authorities

_MEANS_MORE = re.compile(r"(?<![A-Za-z0-9])[@~](?=\S)|](?=[(\[:])")
"""The beginning of a mention or of a channel's name, and the middle of a link in Markdown."""


class ChatWebhook:
    """Posts notices to one channel. Close it at the end."""

    def __init__(self, url: str, *, timeout: timedelta = timedelta(seconds=10)) -> None:
        self._url = url
        self._http = httpx.AsyncClient(timeout=timeout.total_seconds(), verify=trusted_authorities())

    async def tell(self, deal_id: str, effect: Notify) -> Delivery:
        """A notice, naming its deal and whom it is for."""
        whom = f"{effect.owner.name} ({effect.role})" if effect.owner else effect.role
        notice = as_plain_text(f"{whom}, deal {deal_id}: {effect.text}")
        return Delivery(send=lambda: self._post(notice))

    async def _post(self, notice: str) -> None:
        """Post a notice.

        Raises:
            NotHandedOver: the chat did not take it.
            Refused: the chat never will.
            Unanswered: the chat did not say.
        """
        try:
            answer = await self._http.post(self._url, json={"text": notice})
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotHandedOver(f"The chat does not answer ({type(error).__name__})") from error
        except httpx.TransportError as error:
            raise Unanswered(f"the chat broke off ({type(error).__name__})") from error
        if not answer.is_success:
            raise from_http_status(answer.status_code, answer.text, retry_after=answer.headers.get("Retry-After"))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()


def as_plain_text(text: str) -> str:
    """A text as chats show it, on one line, when all that it says is to be read as it is written."""
    line = " ".join(text.split())
    return html.escape(_MEANS_MORE.sub(r"\g<0> ", line), quote=False)
