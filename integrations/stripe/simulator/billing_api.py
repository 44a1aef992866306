"""Customers and subscriptions over the API, as far as billing a contract needs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from integrations.stripe.simulator.account import (
    MONTH,
    YEAR,
    Account,
    Customer,
    JsonObject,
    Subscription,
    listed,
    new_id,
    problem,
)
from integrations.stripe.simulator.books import Books
from integrations.stripe.simulator.idempotency import Form, no_such, once, shown

Tell = Callable[[str, JsonObject, JsonObject | None, str | None], None]
_ITEM = r"items\[0\]\[(id|quantity|price_data\]\[(currency|product|unit_amount|recurring\]\[interval))\]"
_START = re.compile(
    r"customer|collection_method|days_until_due|cancel_at|description|proration_behavior|backdate_start_date|"
    r"billing_cycle_anchor|metadata\[\w+\]|" + _ITEM +
    r"|add_invoice_items\[0\]\[price_data\]\[(currency|product|unit_amount)\]"
)  # fmt: skip
_CHANGE = re.compile(
    r"days_until_due|cancel_at|proration_behavior|cancellation_details\[comment\]|metadata\[\w+\]|" + _ITEM
)
_CUSTOMER = re.compile(r"name|email|test_clock|address\[country\]|metadata\[\w+\]")
_QUERY = re.compile(r"metadata\['(\w+)'\]:'((?:[^'\\]|\\.)*)'")
_PRICE = "items[0][price_data]"


class BillingApi:
    """The paths. ``tell`` gets an event, what its object was before, and the idempotency key of the call."""

    def __init__(self, account: Account, now: Callable[[], datetime], tell: Tell) -> None:
        self._account, self._now, self._tell = account, now, tell
        self._books = Books(account, tell)

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        account = self._account
        return [
            Route("/v1/customers/search", self._search),
            Route("/v1/customers", once(account, self._make_customer), methods=["POST"]),
            Route("/v1/customers/{id}", once(account, self._change_customer), methods=["POST"]),
            Route("/v1/subscriptions", once(account, self._start), methods=["POST"]),
            Route("/v1/subscriptions", self._list),
            Route("/v1/subscriptions/{id}", once(account, self._change), methods=["POST"]),
            Route("/v1/subscriptions/{id}", self._end, methods=["DELETE"]),
            Route("/v1/subscriptions/{id}", self._read),
        ]

    async def _search(self, request: Request) -> Response:
        query = _QUERY.fullmatch(request.query_params.get("query", ""))
        if query is None:
            return problem(400, "invalid_request_error", "We were unable to parse your search query.", "query")
        name, value = query[1], re.sub(r"\\(.)", r"\1", query[2])
        found = [one.shown() for one in self._account.customers.values() if one.metadata.get(name) == value]
        return shown({"object": "search_result", "url": "/v1/customers/search", "data": found, "has_more": False})

    async def _make_customer(self, _: Request, form: Form) -> Response:
        if (wrong := _unknown(form, _CUSTOMER)) is not None:
            return wrong
        if (clock := form.get("test_clock")) is not None and clock not in self._account.test_clocks:
            return no_such("test_clock", clock)
        made = Customer(id=new_id("cus"), created=self._seconds(), metadata=_metadata(form), test_clock=clock)
        self._account.customers[made.id] = made
        return self._named(made, form)

    async def _change_customer(self, request: Request, form: Form) -> Response:
        there = self._account.customers.get(request.path_params["id"])
        if there is None:
            return no_such("customer", request.path_params["id"])
        if "test_clock" in form:
            return problem(400, "invalid_request_error", "Received unknown parameter: test_clock", "test_clock")
        return _unknown(form, _CUSTOMER) or self._named(there, form)

    def _named(self, there: Customer, form: Form) -> Response:
        there.name, there.email = form.get("name", there.name), form.get("email", there.email)
        return shown(there.shown())

    async def _start(self, request: Request, form: Form) -> Response:
        if (wrong := _unknown(form, _START) or self._wrong_start(form)) is not None:
            return wrong
        now, interval = self._seconds(form["customer"]), form[f"{_PRICE}[recurring][interval]"]
        anchor, backdated = int(form.get("billing_cycle_anchor", now)), form.get("backdate_start_date")
        first = int(backdated) if backdated else now
        length = MONTH if interval == "month" else YEAR
        made = Subscription(
            id=new_id("sub"), item=new_id("si"), customer=form["customer"],
            email=self._account.customers[form["customer"]].email or "", product=form[f"{_PRICE}[product]"],
            unit_amount=int(form[f"{_PRICE}[unit_amount]"]), currency=form[f"{_PRICE}[currency]"], interval=interval,
            quantity=int(form.get("items[0][quantity]", "1")), created=now, period_start=first,
            period_end=anchor if anchor > now else now + length, metadata=_metadata(form),
            cancel_at=int(form["cancel_at"]) if "cancel_at" in form else None, sends_invoices=True,
            one_off=int(form.get("add_invoice_items[0][price_data][unit_amount]", "0")),
        )  # fmt: skip
        self._account.subscriptions[made.id] = made
        self._tell("customer.subscription.created", made.shown(), None, request.state.key)
        if form.get("proration_behavior") != "none":
            self._books.bill(made, "subscription_create", periods=self._periods_begun(first, made.period_end, interval))
        return shown(made.shown())

    def _periods_begun(self, first: int, end: int, interval: str) -> int:
        return max(1, self._books.periods_between(first, end, interval))

    def _wrong_start(self, form: Form) -> Response | None:
        needed = ("customer", f"{_PRICE}[currency]", f"{_PRICE}[product]", f"{_PRICE}[unit_amount]",
                  f"{_PRICE}[recurring][interval]")  # fmt: skip
        for name in needed:
            if name not in form:
                return problem(400, "invalid_request_error", f"Missing required param: {name}.", name)
        if form["customer"] not in self._account.customers:
            return problem(400, "invalid_request_error", f"No such customer: '{form['customer']}'", "customer")
        if form.get("collection_method") == "send_invoice" and "days_until_due" not in form:
            return problem(400, "invalid_request_error", "days_until_due is needed to send invoices.", "days_until_due")
        if int(form.get("backdate_start_date", "0")) > self._seconds(form["customer"]):
            text = "The backdate_start_date must be in the past."
            return problem(400, "invalid_request_error", text, "backdate_start_date")
        return self._wrong_amount(form) or self._wrong_end(form, form["customer"])

    def _wrong_amount(self, form: Form) -> Response | None:
        amount = form.get(f"{_PRICE}[unit_amount]", "1")
        if amount.isdecimal():
            return None
        return problem(400, "invalid_request_error", f"Invalid integer: {amount}", f"{_PRICE}[unit_amount]")

    def _wrong_end(self, form: Form, customer: str) -> Response | None:
        if "cancel_at" in form and form["cancel_at"] and int(form["cancel_at"]) <= self._seconds(customer):
            return problem(400, "invalid_request_error", "cancel_at must be in the future.", "cancel_at")
        return None

    async def _list(self, request: Request) -> Response:
        customer, status = request.query_params.get("customer"), request.query_params.get("status")
        found = [
            one.shown()
            for one in reversed(self._account.subscriptions.values())
            if customer in {None, one.customer} and (status == "all" or one.status != "canceled")
        ]
        return listed("/v1/subscriptions", found[: int(request.query_params.get("limit", "10"))])

    async def _read(self, request: Request) -> Response:
        there = self._account.subscriptions.get(request.path_params["id"])
        return no_such("subscription", request.path_params["id"]) if there is None else shown(there.shown())

    async def _change(self, request: Request, form: Form) -> Response:
        there = self._account.subscriptions.get(request.path_params["id"])
        if there is None:
            return no_such("subscription", request.path_params["id"])
        if there.status == "canceled":
            text = "A canceled subscription can only update its cancellation_details and metadata."
            return problem(400, "invalid_request_error", text)
        if (
            wrong := _unknown(form, _CHANGE) or self._wrong_amount(form) or self._wrong_end(form, there.customer)
        ) is not None:
            return wrong
        if form.get("items[0][id]", there.item) != there.item:
            return problem(400, "invalid_request_error", "No such subscription item", "items[0][id]")
        before = there.shown()
        there.unit_amount = int(form.get(f"{_PRICE}[unit_amount]", there.unit_amount))
        if "cancel_at" in form:
            there.cancel_at = int(form["cancel_at"]) if form["cancel_at"] else None
            there.cancel_at_period_end = False
        there.comment = form.get("cancellation_details[comment]", there.comment)
        after = there.shown()
        changed = {name: value for name, value in before.items() if after[name] != value}
        if changed:
            self._tell("customer.subscription.updated", after, changed, request.state.key)
        return shown(after)

    async def _end(self, request: Request) -> Response:
        there = self._account.subscriptions.get(request.path_params["id"])
        if there is None or there.status == "canceled":
            return no_such("subscription", request.path_params["id"])
        there.status, there.canceled_at = "canceled", self._seconds(there.customer)
        self._tell("customer.subscription.deleted", there.shown(), None, request.headers.get("idempotency-key"))
        return shown(there.shown())

    def _seconds(self, customer: str = "") -> int:
        return self._books.now(customer) or int(self._now().timestamp())


def _unknown(form: Form, known: re.Pattern[str]) -> Response | None:
    for name in form:
        if not known.fullmatch(name):
            return problem(400, "invalid_request_error", f"Received unknown parameter: {name}", name)
    return None


def _metadata(form: Form) -> dict[str, str]:
    return {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}
