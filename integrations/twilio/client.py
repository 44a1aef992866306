"""Twilio's API of 2010-04-01, as far as Dealwright uses it: messages and calls.

https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/voice/api/call-resource. Each
method raises ``NotHandedOver``, ``Refused`` or ``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, JsonValue, SecretStr

from integrations.kit.answers import Answer, Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from integrations.twilio.answers import classify
from integrations.twilio.settings import SOURCE, TwilioConnection
from store.database import Store

PAGE = 100
_SEND = Operation(name="send a text message", method="POST")
_MESSAGES, _CALLS = Operation(name="list messages"), Operation(name="list calls")
_ACCOUNT = Operation(name="look at the account")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Text(_Model):
    """A message as Twilio keeps it."""

    sid: str
    to: str = ""
    body: str = ""
    direction: str = ""
    """``inbound``, or ``outbound-api``, ``outbound-reply``, ``outbound-call``."""
    status: str = ""
    error_code: int | None = None
    date_created: str | None = None
    date_updated: str | None = None

    @property
    def created_at(self) -> datetime | None:
        """When it came, or was taken."""
        return moment(self.date_created)


class Account(_Model):
    """The account."""

    status: str
    """``active``, ``suspended`` or ``closed``."""
    friendly_name: str = ""


class Page(_Model):
    """A page of a list, the newest first."""

    items: list[dict[str, JsonValue]]
    next_page: str | None
    """Where the next page is."""


class _Texts(_Model):
    messages: list[dict[str, JsonValue]]
    next_page_uri: str | None = None


class _Calls(_Model):
    calls: list[dict[str, JsonValue]]
    next_page_uri: str | None = None


class TwilioClient:
    """One Twilio account. Close it at the end."""

    def __init__(self, connection: TwilioConnection, store: Store) -> None:
        user, secret = connection.key_sid or connection.account_sid, connection.auth_token.get_secret_value()
        basic = SecretStr(base64.b64encode(f"{user}:{secret}".encode()).decode())
        limit = Limit(most=connection.calls_a_second, per=timedelta(seconds=1))
        budget = SharedBudget(store, budget_name(SOURCE, user), limit, lambda _: None)
        credentials = FixedToken(basic, form="Basic {}")
        self._http = ToolClient("Twilio", connection.base_url, credentials, budget, classify)
        self._account = f"/2010-04-01/Accounts/{connection.account_sid}"

    async def send(self, form: Mapping[str, str]) -> Text:
        """Send a message; what Twilio keeps of it."""
        answer = await self._http.call(_SEND, f"{self._account}/Messages.json", Payload(form=form))
        return answer.read_as(Text)

    async def texts_to(self, number: str) -> list[Text]:
        """The newest hundred messages to a number."""
        query: dict[str, str | int] = {"To": number, "PageSize": PAGE}
        answer = await self._http.call(_MESSAGES, f"{self._account}/Messages.json", Payload(query=query))
        return [Text.model_validate(one) for one in answer.read_as(_Texts).messages]

    async def messages(self, since: datetime, page: str | None = None) -> Page:
        """A page of messages, of all directions, that were sent since a time."""
        answer = await self._page(_MESSAGES, "Messages", "DateSent>", since, page)
        read = answer.read_as(_Texts)
        return Page(items=read.messages, next_page=read.next_page_uri)

    async def calls(self, since: datetime, page: str | None = None) -> Page:
        """A page of calls that began since a time."""
        read = (await self._page(_CALLS, "Calls", "StartTime>", since, page)).read_as(_Calls)
        return Page(items=read.calls, next_page=read.next_page_uri)

    async def account(self) -> Account:
        """How the account is."""
        return (await self._http.call(_ACCOUNT, f"{self._account}.json")).read_as(Account)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _page(self, operation: Operation, what: str, field: str, since: datetime, page: str | None) -> Answer:
        query: dict[str, str | int] = {field: f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "PageSize": PAGE}
        if page is not None:
            query |= dict(parse_qsl(urlsplit(page).query))
        return await self._http.call(operation, f"{self._account}/{what}.json", Payload(query=query))


def moment(text: str | None) -> datetime | None:
    """A time as Twilio writes it: ``Thu, 24 Aug 2023 05:01:45 +0000``."""
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
