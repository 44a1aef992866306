"""Stripe's API, as far as Dealwright uses it.

https://docs.stripe.com/api. Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered``
(``integrations.kit.errors``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, JsonValue

from integrations.kit.answers import Answer, Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from integrations.stripe.settings import SOURCE, StripeConnection
from integrations.stripe.writing import by_stripe
from store.database import Store

VERSION = "2026-06-24.dahlia"
"""The API version that is asked for. Events keep the form of the version in which they were made."""
PAGE = 100
"""Events in a page: the most that Stripe gives."""
_LIMIT = Limit(most=20, per=timedelta(seconds=1))
"""Of the 25 calls a second that Stripe takes in a sandbox; 100 in live mode."""
_HEADERS = {"stripe-version": VERSION}
_EVENTS = Operation(name="list events")
_LIST = Operation(name="list webhook endpoints")
_UPDATE = Operation(name="change a webhook endpoint", method="POST")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Events(_Model):
    """A page of events, the newest first."""

    data: list[dict[str, JsonValue]]
    has_more: bool = False


class Endpoint(_Model):
    """Where webhooks go."""

    id: str
    url: str
    status: str
    """``enabled`` or ``disabled``."""
    enabled_events: list[str] = []


class _Endpoints(_Model):
    data: list[Endpoint]


class StripeClient:
    """One Stripe account. Close it at the end."""

    def __init__(self, connection: StripeConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.key.get_secret_value()), _LIMIT, lambda _: None)
        self._http = ToolClient("Stripe", connection.base_url, FixedToken(connection.key), budget, by_stripe)

    async def events(
        self, types: Sequence[str], since: datetime, until: datetime, after: str | None = None, count: int = PAGE
    ) -> Events:
        """A page of the events of a time, without ``until`` itself; with ``after``, those older than that event."""
        query: dict[str, str | int] = {
            "created[gte]": int(since.timestamp()), "created[lt]": int(until.timestamp()), "limit": count,
            **{f"types[{number}]": name for number, name in enumerate(types)},
            **({"starting_after": after} if after else {}),
        }  # fmt: skip
        answer = await self._http.call(_EVENTS, "/v1/events", Payload(query=query, headers=_HEADERS))
        return answer.read_as(Events)

    async def endpoints(self) -> list[Endpoint]:
        """All webhook endpoints of the account: Stripe has at most 16."""
        answer = await self._http.call(_LIST, "/v1/webhook_endpoints", Payload(query={"limit": 100}, headers=_HEADERS))
        return answer.read_as(_Endpoints).data

    async def switch_on(self, endpoint: Endpoint, types: Sequence[str]) -> None:
        """Have an endpoint told of these types again, beside those that it is told of."""
        wanted = dict.fromkeys([*endpoint.enabled_events, *types])
        form = {"disabled": "false", **{f"enabled_events[{number}]": name for number, name in enumerate(wanted)}}
        await self._http.call(_UPDATE, f"/v1/webhook_endpoints/{endpoint.id}", Payload(form=form, headers=_HEADERS))

    async def get(self, what: str, path: str, query: Mapping[str, str | int] | None = None) -> Answer:
        """Read an object, or a list; empty where there is none."""
        operation = Operation(name=what, empty=frozenset({404}))
        return await self._http.call(operation, path, Payload(query=query or {}, headers=_HEADERS))

    async def post(self, what: str, path: str, form: Mapping[str, str], key: str) -> Answer:
        """Make or change an object. The same call under the same key is made once."""
        payload = Payload(form=form, headers={**_HEADERS, "idempotency-key": key})
        return await self._http.call(Operation(name=what, method="POST"), path, payload)

    async def delete(self, what: str, path: str) -> Answer:
        """End an object; empty where it has ended."""
        operation = Operation(name=what, method="DELETE", empty=frozenset({404}))
        return await self._http.call(operation, path, Payload(headers=_HEADERS))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
