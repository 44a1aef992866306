"""A Meteroid tenant with its API, the people who change it, and its webhooks.

``POST /_simulator/change``: ``{"do": "end", "subscription": "sub_…"}`` (somebody cancels it at once), ``{"do": "pay",
"subscription": "sub_…", "total": 120000}`` (an invoice of it is paid), ``{"do": "downgrade"}`` (the server is an older
one, which tells nobody that a subscription is over), ``{"do": "use", "subscription": "sub_…", "metric": "bm_…",
"value": 40, "on": "2026-10-20"}``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Self, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from standardwebhooks.webhooks import Webhook
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.kit.simulator.simulator import BadChange, ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches
from integrations.kit.simulator.webhooks import SignedWebhook
from integrations.meteroid.simulator.tenant import (
    Cancellation,
    Customer,
    Invoice,
    JsonObject,
    NewCustomer,
    NewSubscription,
    Settings,
    Subscription,
    Tenant,
    Used,
    new_id,
)

_Body = TypeVar("_Body", bound=BaseModel)
_LARGEST_PAGE = 100
_STATUSES = frozenset({"DRAFT", "FINALIZED", "UNCOLLECTIBLE", "VOID"})
_COLUMNS = frozenset({"invoice_number", "customer_name", "amount", "invoice_date", "status", "payment_status"})
_CODES = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 404: "NOT_FOUND", 409: "CONFLICT", 429: "TOO_MANY_REQUESTS"}


class MeteroidOptions(SimulatorOptions):
    """The tenant's key, and the secret of the endpoint that leads to ``target``."""

    key: str = "pv_sand_local"
    secret: str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of a simulator


class MeteroidWebhooks:
    """One event each, signed as Standard Webhooks says."""

    largest_batch = 1
    most_attempts = 8
    pauses: tuple[float, ...] = (5, 300, 1800, 7200, 18_000, 36_000)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One event. Each attempt is signed anew."""
        (event,) = events
        body, id_ = json.dumps(event), str(event["id"]) if isinstance(event, dict) else ""
        headers = {
            "content-type": "application/json", "webhook-id": id_, "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self._secret).sign(id_, at, body),
        }  # fmt: skip
        return SignedWebhook(target, headers, body.encode())

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:
        """410 switches the endpoint off."""
        return status == 410  # noqa: PLR2004 - gone


class MeteroidSimulator(Simulator[Tenant, MeteroidOptions]):
    """A Meteroid tenant."""

    name: ClassVar[str] = "meteroid"
    title: ClassVar[str] = "Meteroid"

    def __init__(self, options: MeteroidOptions, state: Tenant) -> None:
        super().__init__(options, state, Switches(), MeteroidWebhooks(options.secret))

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        state = Tenant.model_validate_json(kept) if kept else Tenant()
        return cls(MeteroidOptions.model_validate(options), state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return [
            Route("/api/v1/customers", self._make_customer, methods=["POST"]),
            Route("/api/v1/customers/{id}", self._customer),
            Route("/api/v1/subscriptions", self._start, methods=["POST"]),
            Route("/api/v1/subscriptions", self._list),
            Route("/api/v1/subscriptions/{id}", self._read),
            Route("/api/v1/subscriptions/{id}", self._change, methods=["PATCH"]),
            Route("/api/v1/subscriptions/{id}/cancel", self._cancel, methods=["POST"]),
            Route("/api/v1/invoices", self._invoices),
            Route("/api/v1/usage/customer/{id}", self._usage),
        ]

    def refusal(self, request: Request) -> Response | None:
        """401 without the key."""
        if request.headers.get("authorization") != f"Bearer {self.options.key}":
            return self.answer_to("expire_token")
        return None

    def answer_to(self, fault: str) -> Response:
        """In Meteroid's words."""
        return _problem({"quota_spent": 429, "expire_token": 401}.get(fault, 500), "not now")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does.

        Raises:
            BadChange: nobody can do that.
        """
        if change.get("do") == "downgrade":
            self.state.tells_ends = False
            return None
        there = self.state.subscriptions.get(str(change.get("subscription")))
        if there is None:
            raise BadChange("there is no such subscription")
        match change.get("do"):
            case "end":
                there.status = "CANCELLED"
                if self.state.tells_ends:
                    self._tell("subscription.cancelled", {"subscription_id": there.id, "customer_id": there.customer})
            case "pay":
                self._pay(there, int(str(change.get("total"))))
            case "use":
                metric, on = str(change.get("metric", "bm_local")), str(change.get("on", self.now().date()))
                value = Decimal(str(change.get("value", 1)))
                self.state.used.append(
                    Used(metric=metric, customer=there.customer, on=date.fromisoformat(on), value=value)
                )
            case _:
                raise BadChange("do is one of end, pay, use, downgrade")
        return there.shown()

    def _pay(self, whose: Subscription, total: int) -> None:
        one = Invoice(
            id=new_id("inv"), customer=whose.customer, subscription=whose.id, currency=whose.currency, total=total,
            paid=self.now(),
        )  # fmt: skip
        self.state.invoices.append(one)
        about: JsonObject = {"invoice_id": one.id, "customer_id": one.customer, "currency": one.currency}
        self._tell("invoice.paid", {**about, "status": "DRAFT", "total": total, "tax_amount": 0})

    def connection(self, address: str) -> ConnectionExample:
        """The block ``meteroid``."""
        block: dict[str, JsonValue] = {
            "key": "secret:key", "webhook_secrets": ["secret:webhook-secret"], "base_url": address,
            "plans": {"growth": {"plan": "plan_growth", "component": "price_growth"}},
        }  # fmt: skip
        secrets = {"key": self.options.key, "webhook-secret": self.options.secret}
        note = "plans: an example. Playbooks bill by it (subscribe: growth). This file is made anew at each start."
        return ConnectionExample(source=self.name, bills=True, note=note, block=block, secrets=secrets)

    async def _make_customer(self, request: Request) -> Response:
        told = await _read(request, NewCustomer)
        if isinstance(told, Response):
            return told
        if told.alias is not None and self.state.customer(told.alias) is not None:
            return _problem(409, "a customer with this alias exists")
        made = Customer(id=new_id("cus"), told=told)
        self.state.customers[made.id] = made
        return JSONResponse(made.shown(), 201)

    async def _customer(self, request: Request) -> Response:
        there = self.state.customer(request.path_params["id"])
        return _problem(404, "no such customer") if there is None else JSONResponse(there.shown())

    async def _start(self, request: Request) -> Response:
        told = await _read(request, NewSubscription)
        if isinstance(told, Response):
            return told
        customer = self.state.customer(told.customer_id_or_alias)
        if customer is None or (told.end_date is not None and told.end_date < told.start_date):
            return _problem(400, "no such customer" if customer is None else "it ends before it starts")
        made = Subscription(
            id=new_id("sub"), customer=customer.id, told=told, end_date=told.end_date, currency=customer.told.currency
        )
        self.state.subscriptions[made.id] = made
        self._tell("subscription.created", {"subscription_id": made.id, "customer_id": customer.id})
        return JSONResponse(made.shown(), 201)

    async def _list(self, request: Request) -> Response:
        asked = request.query_params
        statuses = set(filter(None, asked.get("statuses", "").split(",")))
        found = [
            one.shown()
            for one in self.state.subscriptions.values()
            if asked.get("customer_id") in {None, one.customer} and (not statuses or one.status in statuses)
        ]
        return _page(request, found)

    async def _invoices(self, request: Request) -> Response:
        asked = request.query_params
        if {*asked} - {"customer_id", "subscription_id", "statuses", "order_by", "page", "per_page"}:
            return _problem(400, "there is no such filter")
        statuses, (column, _, direction) = (
            asked.get("statuses", "FINALIZED"),
            asked.get("order_by", "invoice_date.desc").partition("."),
        )
        if statuses not in _STATUSES or column not in _COLUMNS or direction not in {"asc", "desc"}:
            return _problem(400, "there is no such status or order")
        found = [one for one in self.state.invoices if statuses == "FINALIZED"]
        found.sort(key=lambda one: one.paid.date(), reverse=direction == "desc")
        customers = self.state.customers
        return _page(request, [one.shown(customers[one.customer]) for one in found])

    async def _read(self, request: Request) -> Response:
        there = self.state.subscriptions.get(request.path_params["id"])
        return _problem(404, "no such subscription") if there is None else JSONResponse(there.detailed())

    async def _change(self, request: Request) -> Response:
        there, told = self.state.subscriptions.get(request.path_params["id"]), await _read(request, Settings)
        if isinstance(told, Response):
            return told
        if there is None:
            return _problem(404, "no such subscription")
        there.told = there.told.model_copy(
            update=told.model_dump(exclude_none=True, include={"net_terms", "invoice_memo"})
        )
        return JSONResponse({"subscription": there.detailed()})

    async def _cancel(self, request: Request) -> Response:
        there, told = self.state.subscriptions.get(request.path_params["id"]), await _read(request, Cancellation)
        if isinstance(told, Response):
            return told
        if there is None or there.status != "ACTIVE":
            return _problem(404 if there is None else 400, "there is nothing to cancel")
        there.cancelled_from, there.reason = told.effective_date, told.reason
        return JSONResponse({"subscription": there.shown()})

    async def _usage(self, request: Request) -> Response:
        asked, customer = request.query_params, self.state.customer(request.path_params["id"])
        metric = asked.get("metric_id", "")
        if {*asked} - {"start_date", "end_date", "metric_id"} or not {"start_date", "end_date"} <= {*asked}:
            return _problem(400, "start_date and end_date are needed, and nothing else but metric_id")
        if customer is None or metric not in {one.metric for one in self.state.used}:
            return _problem(404, "no such customer or metric")
        begins, ends = date.fromisoformat(asked["start_date"]), date.fromisoformat(asked["end_date"])
        found = [one for one in self.state.used if (one.metric, one.customer) == (metric, customer.id)]
        total = sum((one.value for one in found if begins <= one.on < ends), Decimal())
        usage: JsonObject = {
            "metric_id": metric, "metric_name": metric, "metric_code": metric, "total_value": str(total),
            "grouped_usage": [],
        }  # fmt: skip
        return JSONResponse({"period_start": asked["start_date"], "period_end": asked["end_date"], "usage": [usage]})

    def _tell(self, kind: str, about: JsonObject) -> None:
        if self.options.target:
            event: JsonObject = {"id": new_id("evt"), "type": kind, "timestamp": self.now().isoformat(), **about}
            self.webhooks.add(self.options.target, event)


def _page(request: Request, found: Sequence[JsonObject]) -> Response:
    asked = request.query_params
    page, size = int(asked.get("page", "0")), int(asked.get("per_page", "20"))
    if not 1 <= size <= _LARGEST_PAGE:
        return _problem(400, "per_page is at most 100")
    pages = -(-len(found) // size)
    meta: JsonObject = {"page": page, "per_page": size, "total_items": len(found), "total_pages": pages}
    return JSONResponse({"data": list(found[page * size : (page + 1) * size]), "pagination_meta": meta})


def _problem(status: int, message: str) -> Response:
    return JSONResponse({"code": _CODES.get(status, "INTERNAL_SERVER_ERROR"), "message": message}, status)


async def _read(request: Request, model: type[_Body]) -> _Body | Response:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        return _problem(400, str(error.errors()[0]["msg"]))
