"""Test clocks, and what a life on one needs besides: products, and invoices that are looked at and paid.

https://docs.stripe.com/api/test_clocks. Paths, fields and the limits of an advance are those of Stripe's own clients
(``TestClockAdvanceParams`` of stripe-node). How long an advance takes, and the words of its refusals, are not
documented. Invoices are paid as soon as they are written, as everywhere in this simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from integrations.stripe.simulator.account import Account, JsonObject, TestClock, listed, new_id, problem
from integrations.stripe.simulator.books import Books
from integrations.stripe.simulator.idempotency import Form, no_such, once, shown

Tell = Callable[[str, JsonObject, JsonObject | None, str | None], None]
_CLOCKS = "/v1/test_helpers/test_clocks"
_KEPT_FOR = timedelta(days=30)
_LONGEST = {"month": timedelta(days=2 * 31), "year": timedelta(days=2 * 366)}


class ClocksApi:
    """The paths."""

    def __init__(self, account: Account, now: Callable[[], datetime], tell: Tell) -> None:
        self._account, self._now, self._books = account, now, Books(account, tell)

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        account = self._account
        return [
            Route(_CLOCKS, once(account, self._make), methods=["POST"]),
            Route(f"{_CLOCKS}/{{id}}", self._read),
            Route(f"{_CLOCKS}/{{id}}", self._delete, methods=["DELETE"]),
            Route(f"{_CLOCKS}/{{id}}/advance", once(account, self._advance), methods=["POST"]),
            Route("/v1/products", once(account, self._make_product), methods=["POST"]),
            Route("/v1/invoices", self._invoices),
            Route("/v1/invoices/{id}/pay", once(account, self._pay), methods=["POST"]),
        ]

    async def _make(self, _: Request, form: Form) -> Response:
        if (wrong := _wrong(form, {"frozen_time", "name"}, needed="frozen_time")) is not None:
            return wrong
        now = int(self._now().timestamp())
        made = TestClock(
            id=new_id("clock"), created=now, frozen_time=int(form["frozen_time"]), name=form.get("name"),
            deletes_after=now + int(_KEPT_FOR.total_seconds()),
        )  # fmt: skip
        self._account.test_clocks[made.id] = made
        return shown(made.shown())

    async def _read(self, request: Request) -> Response:
        """A clock; one that was just put forward is ready once it was looked at."""
        there = self._account.test_clocks.get(request.path_params["id"])
        if there is None:
            return no_such("test_clock", request.path_params["id"])
        before = there.shown()
        there.status = "ready"
        return shown(before)

    async def _delete(self, request: Request) -> Response:
        there = self._account.test_clocks.pop(request.path_params["id"], None)
        if there is None:
            return no_such("test_clock", request.path_params["id"])
        gone = {one.id for one in self._account.customers.values() if one.test_clock == there.id}
        for id_ in gone:
            del self._account.customers[id_]
        for subscription in self._account.subscriptions.values():
            if subscription.customer in gone:
                subscription.status = "canceled"
        return shown({"id": there.id, "object": "test_helpers.test_clock", "deleted": True})

    async def _advance(self, request: Request, form: Form) -> Response:
        there = self._account.test_clocks.get(request.path_params["id"])
        if there is None:
            return no_such("test_clock", request.path_params["id"])
        if (wrong := _wrong(form, {"frozen_time"}, needed="frozen_time") or self._too_far(there, form)) is not None:
            return wrong
        self._books.advance(int(form["frozen_time"]), clock=there)
        there.status = "advancing"
        return shown(there.shown())

    def _too_far(self, clock: TestClock, form: Form) -> Response | None:
        wanted = timedelta(seconds=int(form["frozen_time"]) - clock.frozen_time)
        if clock.status == "advancing":
            return problem(400, "invalid_request_error", "The test clock is advancing.")
        if wanted <= timedelta():
            text = "The time has to be after the test clock's current frozen time."
            return problem(400, "invalid_request_error", text, "frozen_time")
        intervals = {one.interval for one in self._books.on(clock) if one.status != "canceled"} or {"year"}
        if wanted > min(_LONGEST[one] for one in intervals):
            text = "A test clock cannot be put forward by more than two intervals of its shortest subscription."
            return problem(400, "invalid_request_error", text, "frozen_time")
        return None

    async def _make_product(self, _: Request, form: Form) -> Response:
        if (wrong := _wrong(form, {"name"}, needed="name")) is not None:
            return wrong
        return shown({"id": new_id("prod"), "object": "product", "name": form["name"], "active": True})

    async def _invoices(self, request: Request) -> Response:
        asked = request.query_params
        for name in asked:
            if name not in {"customer", "subscription", "limit"}:
                return problem(400, "invalid_request_error", f"Received unknown parameter: {name}", name)
        found = [
            one.shown()
            for one in reversed(self._account.invoices.values())
            if asked.get("customer") in {None, one.customer} and asked.get("subscription") in {None, one.subscription}
        ]
        return listed("/v1/invoices", found[: int(asked.get("limit", "10"))])

    async def _pay(self, request: Request, form: Form) -> Response:
        there = self._account.invoices.get(request.path_params["id"])
        if there is None:
            return no_such("invoice", request.path_params["id"])
        if (wrong := _wrong(form, {"paid_out_of_band"})) is not None:
            return wrong
        if there.paid:
            return problem(400, "invalid_request_error", "Invoice is already paid")
        self._books.pay(there)
        return shown(there.shown())


def _wrong(form: Form, known: set[str], needed: str | None = None) -> Response | None:
    for name in form:
        if name not in known:
            return problem(400, "invalid_request_error", f"Received unknown parameter: {name}", name)
    if needed is not None and needed not in form:
        return problem(400, "invalid_request_error", f"Missing required param: {needed}.", needed)
    if "frozen_time" in form and not form["frozen_time"].isdecimal():
        return problem(400, "invalid_request_error", f"Invalid integer: {form['frozen_time']}", "frozen_time")
    return None
