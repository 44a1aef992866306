"""What a simulated Meteroid tenant holds, and how its API takes and shows it (``spec/api/v1/openapi.json``)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

JsonObject = dict[str, JsonValue]


class _Taken(BaseModel):
    """A body: unknown fields are a mistake."""

    model_config = ConfigDict(extra="forbid")


class NewCustomer(_Taken):
    """``CustomerCreateRequest``, as far as the simulator has it."""

    name: str
    invoicing_emails: list[str]
    currency: str = Field(pattern="^[A-Z]{3}$")
    custom_taxes: list[JsonValue]
    alias: str | None = None
    billing_email: str | None = None


class _Pricing(_Taken):
    type: Literal["RATE", "ONE_TIME"]
    rate: Decimal | None = None
    unit_price: Decimal | None = None
    quantity: int | None = None


class _Price(_Taken):
    type: Literal["NEW"]
    cadence: Literal["MONTHLY", "QUARTERLY", "SEMIANNUAL", "ANNUAL"]
    currency: str
    pricing: _Pricing


class _Override(_Taken):
    component_id: str
    name: str
    price_entry: _Price


class _Product(_Taken):
    type: Literal["EXISTING"]
    id: str


class _Extra(_Taken):
    name: str
    product_ref: _Product
    price_entry: _Price


class _Components(_Taken):
    overridden_components: list[_Override] = []
    extra_components: list[_Extra] = []


class NewSubscription(_Taken):
    """``SubscriptionCreateRequest``, as far as the simulator has it."""

    plan_id: str
    customer_id_or_alias: str
    start_date: date
    activation_condition: Literal["ON_START", "ON_CHECKOUT", "MANUAL"]
    end_date: date | None = None
    net_terms: int | None = Field(default=None, ge=0)
    invoice_memo: str | None = None
    price_components: _Components = _Components()


class Cancellation(_Taken):
    """``CancelSubscriptionRequest``."""

    effective_date: date | None = None
    reason: str | None = None


class Settings(_Taken):
    """``SubscriptionUpdateRequest``: neither its price nor its end is among what can be changed."""

    auto_advance_invoices: bool | None = None
    charge_automatically: bool | None = None
    invoice_memo: str | None = None
    net_terms: int | None = Field(default=None, ge=0)
    purchase_order: str | None = None


class Customer(BaseModel):
    """Whoever pays."""

    id: str
    told: NewCustomer

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return {"id": self.id, **self.told.model_dump(mode="json", exclude_none=True)}


class Subscription(BaseModel):
    """What a customer pays for regularly."""

    id: str
    customer: str
    told: NewSubscription
    status: str = "ACTIVE"
    end_date: date | None = None
    reason: str | None = None
    cancelled_from: date | None = None
    """When a cancellation takes effect that is to come. The API does not show it."""
    currency: str = "EUR"

    def detailed(self) -> JsonObject:
        """As it is shown by itself."""
        components: list[JsonValue] = [
            {
                "price_component_id": one.component_id, "name": one.name, "period": one.price_entry.cadence,
                "fee": {"type": "RATE", "rate": str(one.price_entry.pricing.rate)},
            }
            for one in self.told.price_components.overridden_components
        ]  # fmt: skip
        for extra in self.told.price_components.extra_components:
            fee: JsonObject = {"type": "ONE_TIME", "rate": str(extra.price_entry.pricing.unit_price), "quantity": 1}
            components.append({"name": extra.name, "period": "ONE_TIME", "fee": fee})
        return {**self.shown(), "currency": self.currency, "components": components}

    def shown(self) -> JsonObject:
        """As lists show it: nulls are left out."""
        told = self.told
        end: JsonObject = {"end_date": self.end_date.isoformat()} if self.end_date else {}
        memo: JsonObject = {"invoice_memo": told.invoice_memo} if told.invoice_memo else {}
        return {
            "id": self.id, "customer_id": self.customer, "plan_id": told.plan_id, "status": self.status,
            "start_date": told.start_date.isoformat(), "net_terms": told.net_terms or 0, **end, **memo,
        }  # fmt: skip


class Used(BaseModel):
    """Something that a customer used."""

    metric: str
    customer: str
    on: date
    value: Decimal


class Invoice(BaseModel):
    """An invoice that was paid."""

    id: str
    customer: str
    subscription: str
    currency: str
    total: int
    paid: AwareDatetime

    def shown(self, customer: Customer) -> JsonObject:
        """As the API shows it: nulls are left out."""
        at = self.paid.isoformat()
        nothing: list[JsonValue] = []
        return {
            "id": self.id, "invoice_number": self.id, "status": "FINALIZED", "customer_id": self.customer,
            "subscription_id": self.subscription, "currency": self.currency, "invoice_date": str(self.paid.date()),
            "subtotal": self.total, "subtotal_recurring": self.total, "tax_amount": 0, "total": self.total,
            "amount_due": 0, "line_items": nothing, "tax_breakdown": nothing, "transactions": nothing,
            "payment_status": "PAID", "applied_credits": 0, "coupons": nothing, "invoice_type": "RECURRING",
            "customer_details": {"id": customer.id, "name": customer.told.name, "snapshot_at": at},
            "net_terms": 0, "created_at": at, "finalized_at": at, "paid_at": at,
        }  # fmt: skip


class Tenant(BaseModel):
    """A tenant."""

    customers: dict[str, Customer] = {}
    subscriptions: dict[str, Subscription] = {}
    invoices: list[Invoice] = []
    used: list[Used] = []
    """What customers used. A metric is there once something of it was used."""
    tells_ends: bool = True
    """Whether its server is one that tells that subscriptions are over, as those since October 2026 do."""

    def customer(self, id_or_alias: str) -> Customer | None:
        """The customer of an id or an alias."""
        found = (one for one in self.customers.values() if id_or_alias in {one.id, one.told.alias})
        return next(found, None)


def new_id(prefix: str) -> str:
    """An id for a new object."""
    return f"{prefix}_{uuid4().hex[:22]}"
