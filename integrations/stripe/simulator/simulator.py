"""A Stripe account with its API, the people who change it, and its webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches
from integrations.stripe.simulator.account import VERSION, Account, Endpoint, JsonObject, new_id, problem
from integrations.stripe.simulator.api import Api
from integrations.stripe.simulator.billing_api import BillingApi
from integrations.stripe.simulator.books import Books
from integrations.stripe.simulator.clocks_api import ClocksApi
from integrations.stripe.simulator.meters_api import MetersApi
from integrations.stripe.simulator.people import People
from integrations.stripe.simulator.webhook_rules import StripeWebhooks

_TYPES = (
    "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
    "customer.subscription.paused", "customer.subscription.resumed", "invoice.paid", "invoice.payment_failed",
    "credit_note.created", "refund.created",
)  # fmt: skip


class StripeOptions(SimulatorOptions):
    """The account's key, and the secret of the endpoint that leads to ``target``."""

    key: str = "rk_test_local"
    secret: str = "whsec_local_simulator"  # noqa: S105 - of a simulator


class StripeSimulator(Simulator[Account, StripeOptions]):
    """A Stripe account, as a sandbox is."""

    name: ClassVar[str] = "stripe"
    title: ClassVar[str] = "Stripe"

    def __init__(self, options: StripeOptions, state: Account) -> None:
        super().__init__(options, state, Switches(), StripeWebhooks(options.secret))
        if options.target and options.target not in {one.url for one in state.endpoints.values()}:
            made = Endpoint(id=new_id("we"), url=options.target, enabled_events=[*_TYPES])
            state.endpoints[made.id] = made

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        state = Account.model_validate_json(kept) if kept else Account()
        return cls(StripeOptions.model_validate(options), state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return [
            *Api(self.state).routes(),
            *BillingApi(self.state, self.now, self._tell).routes(),
            *MetersApi(self.state).routes(),
            *ClocksApi(self.state, self.now, self._tell).routes(),
        ]

    def refusal(self, request: Request) -> Response | None:
        """401 without the key."""
        if request.headers.get("authorization") != f"Bearer {self.options.key}":
            return self.answer_to("expire_token")
        return None

    def answer_to(self, fault: str) -> Response:
        """In Stripe's words."""
        match fault:
            case "quota_spent":
                limited = problem(429, "invalid_request_error", "Request rate limit exceeded.")
                limited.headers["stripe-should-retry"] = "true"
                return limited
            case "expire_token":
                return problem(401, "invalid_request_error", "Invalid API Key provided")
            case _:
                return problem(500, "api_error", "An unknown error occurred")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does (``integrations.stripe.simulator.people``), or Stripe itself.

        With ``use`` a customer uses something of a ``meter``.
        With ``disable_endpoint`` it sends no more webhooks, with ``tell`` it sends a ``type`` with any ``object``.
        """
        about = change.get("object")
        match change.get("do"):
            case "disable_endpoint":
                for one in self.state.endpoints.values():
                    one.status = "disabled"
                return None
            case "use":
                MetersApi(self.state).use(change, self.state.clock or int(self.now().timestamp()))
                return None
            case "advance":
                to = datetime.fromisoformat(str(change.get("to"))).replace(tzinfo=UTC)
                declined = change.get("declined") is True
                Books(self.state, self._tell).advance(int(to.timestamp()), declined=declined)
                return None
            case "tell" if isinstance(about, dict):
                self._tell(str(change.get("type")), about, None)
                return None
        return People(self.state, self.now, self._tell).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``stripe``."""
        return ConnectionExample(
            source=self.name,
            bills=True,
            note="plans: an example. Playbooks bill by it (subscribe: growth). This file is made anew at each start.",
            block={
                "key": "secret:key",
                "webhook_secrets": ["secret:webhook-secret"],
                "base_url": address,
                "plans": {"growth": {"product": "prod_growth"}},
                **({"webhook_url": self.options.target} if self.options.target else {}),
            },
            secrets={"key": self.options.key, "webhook-secret": self.options.secret},
        )

    def _time_of(self, about: JsonObject) -> int:
        """When an event happened: by the clock that its customer lives by."""
        known = Books(self.state, self._tell).now(str(about.get("customer", "")))
        return known or int(self.now().timestamp())

    def _tell(self, kind: str, about: JsonObject, before: JsonObject | None, key: str | None = None) -> None:
        content: JsonObject = {"object": about, **({"previous_attributes": before} if before else {})}
        event: JsonObject = {
            "id": new_id("evt"), "object": "event", "api_version": VERSION,
            "created": self._time_of(about),
            "type": kind, "livemode": False, "pending_webhooks": 1, "data": content,
            "request": {"id": new_id("req"), "idempotency_key": key},
        }  # fmt: skip
        self.state.events.append(event)
        for one in self.state.endpoints.values():
            if one.status == "enabled" and (kind in one.enabled_events or "*" in one.enabled_events):
                self.webhooks.add(one.url, event)
