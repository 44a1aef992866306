"""Meteroid's REST API, as far as Dealwright uses it.

https://github.com/meteroid-oss/meteroid, ``spec/api/v1/openapi.json`` of August 2026. It has no idempotency keys. Each
method raises ``NotHandedOver``, ``Refused`` or ``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from integrations.kit.answers import Answer, Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from integrations.meteroid.settings import SOURCE, MeteroidConnection
from store.database import Store

PAGE = 100
ENDED = frozenset({"CANCELLED", "COMPLETED", "SUPERSEDED"})
"""The statuses of subscriptions that are over."""
_LIMIT = Limit(most=10, per=timedelta(seconds=1))
"""Meteroid documents a 429 and no number: a cautious one."""
_ALIAS_TAKEN = 409


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Fee(_Model):
    type: str
    rate: Decimal | None = None


class Component(_Model):
    """Something that a subscription bills."""

    price_component_id: str | None = None
    period: str = ""
    """``ANNUAL``, ``MONTHLY`` or ``ONE_TIME``, among others."""
    fee: _Fee


class Subscription(_Model):
    """A subscription, as far as it says what is billed."""

    id: str
    status: str = ""
    customer_id: str = ""
    invoice_memo: str | None = None
    end_date: date | None = None
    """The first day that is not billed. A cancellation that is to come does not change it."""
    net_terms: int = 0
    """Days from an invoice to when it is due."""
    currency: str = ""
    components: list[Component] = []
    """Not in lists."""


class Invoice(_Model):
    """An invoice, as far as it says what was paid."""

    id: str
    customer_id: str
    subscription_id: str | None = None
    currency: str
    invoice_date: date
    total: int
    """In the currency's smallest units, with taxes."""
    payment_status: str = ""
    """``PAID`` once nothing is due any more."""
    paid_at: AwareDatetime | None = None


class _Pages(_Model):
    total_pages: int = 0


class _Subscriptions(_Model):
    data: list[Subscription]
    pagination_meta: _Pages = _Pages()


class _Invoices(_Model):
    data: list[Invoice]
    pagination_meta: _Pages = _Pages()


class _Customer(_Model):
    id: str


class _MetricUsed(_Model):
    metric_id: str
    total_value: Decimal


class _Used(_Model):
    usage: list[_MetricUsed] = []


class MeteroidClient:
    """One tenant. Close it at the end."""

    def __init__(self, connection: MeteroidConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.key.get_secret_value()), _LIMIT, lambda _: None)
        self._http = ToolClient("Meteroid", connection.base_url, FixedToken(connection.key), budget)

    async def make_customer(self, alias: str, about: dict[str, JsonValue]) -> None:
        """Make a customer, unless there is one with this alias."""
        taken = frozenset({*range(200, 300), _ALIAS_TAKEN})
        operation = Operation(name="make a customer", method="POST", success=taken)
        await self._http.call(operation, "/api/v1/customers", Payload(json={"alias": alias, **about}))

    async def customer(self, alias: str) -> str | None:
        """The id of the customer with an alias; None where there is none."""
        operation = Operation(name="read a customer", empty=frozenset({404}))
        answer = await self._http.call(operation, f"/api/v1/customers/{alias}")
        return None if answer.empty else answer.read_as(_Customer).id

    async def subscriptions(self, customer: str) -> list[Subscription]:
        """Those of a customer: the first hundred."""
        query: dict[str, str | int] = {"customer_id": customer, "per_page": PAGE}
        operation = Operation(name="list subscriptions")
        answer = await self._http.call(operation, "/api/v1/subscriptions", Payload(query=query))
        return answer.read_as(_Subscriptions).data

    async def ended(self, page: int) -> tuple[list[Subscription], bool]:
        """A page of those that are over, from 0, and whether there is another one."""
        query: dict[str, str | int] = {"statuses": "CANCELLED,COMPLETED", "page": page, "per_page": PAGE}
        operation = Operation(name="list subscriptions")
        answer = await self._http.call(operation, "/api/v1/subscriptions", Payload(query=query))
        read = answer.read_as(_Subscriptions)
        return read.data, page + 1 < read.pagination_meta.total_pages

    async def invoices(self, page: int) -> tuple[list[Invoice], bool]:
        """A page of those that were written, from 0, the newest first, and whether there is another one."""
        query: dict[str, str | int] = {
            "statuses": "FINALIZED", "order_by": "invoice_date.desc", "page": page, "per_page": PAGE,
        }  # fmt: skip
        answer = await self._http.call(Operation(name="list invoices"), "/api/v1/invoices", Payload(query=query))
        read = answer.read_as(_Invoices)
        return read.data, page + 1 < read.pagination_meta.total_pages

    async def subscription(self, id_: str) -> Subscription | None:
        """One of them; None where there is none."""
        operation = Operation(name="read a subscription", empty=frozenset({404}))
        answer = await self._http.call(operation, f"/api/v1/subscriptions/{id_}")
        return None if answer.empty else answer.read_as(Subscription)

    async def used(self, customer: str, metric: str, since: date, until: date) -> Decimal | None:
        """How much a customer used of a metric from a day on, up to before another one; None where there is no such."""
        query: dict[str, str | int] = {
            "start_date": since.isoformat(), "end_date": until.isoformat(), "metric_id": metric,
        }  # fmt: skip
        operation = Operation(name="read usage", empty=frozenset({404}))
        answer = await self._http.call(operation, f"/api/v1/usage/customer/{customer}", Payload(query=query))
        if answer.empty:
            return None
        found = answer.read_as(_Used).usage
        return sum((one.total_value for one in found if one.metric_id == metric), Decimal())

    async def start(self, content: dict[str, JsonValue]) -> Subscription:
        """Make a subscription."""
        operation = Operation(name="start a subscription", method="POST")
        return (await self._http.call(operation, "/api/v1/subscriptions", Payload(json=content))).read_as(Subscription)

    async def set_payment_days(self, id_: str, days: int) -> Answer:
        """Have the invoices to come due after so many days."""
        operation = Operation(name="change a subscription", method="PATCH")
        payload = Payload(json={"net_terms": days})
        return await self._http.call(operation, f"/api/v1/subscriptions/{id_}", payload)

    async def cancel(self, id_: str, content: dict[str, JsonValue]) -> Answer:
        """End a subscription. A cancellation that was to come before is replaced by this one."""
        operation = Operation(name="cancel a subscription", method="POST")
        return await self._http.call(operation, f"/api/v1/subscriptions/{id_}/cancel", Payload(json=content))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
