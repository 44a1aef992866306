"""Stripe's billing meters, as far as the simulator has them: what was used, added up."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from integrations.kit.simulator.simulator import BadChange
from integrations.stripe.simulator.account import Account, JsonObject, Used, listed, new_id, problem

_KNOWN = {"customer", "start_time", "end_time", "limit"}
_NEEDED = ("customer", "start_time", "end_time")
_MINUTE = 60


class MetersApi:
    """The path, and what customers do."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> Sequence[BaseRoute]:
        """The one that there is."""
        return [Route("/v1/billing/meters/{id}/event_summaries", self._summaries)]

    def use(self, change: JsonObject, now: int) -> None:
        """A customer uses something: ``meter``, ``subscription``, ``value``, and ``at`` in seconds since 1970.

        Raises:
            BadChange: there is no such subscription.
        """
        there = self._account.subscriptions.get(str(change.get("subscription")))
        if there is None:
            raise BadChange("there is no such subscription")
        used = Used(
            meter=str(change.get("meter", "mtr_local")), customer=there.customer, at=int(str(change.get("at", now))),
            value=float(str(change.get("value", 1))),
        )  # fmt: skip
        self._account.used.append(used)

    async def _summaries(self, request: Request) -> Response:
        asked, meter = request.query_params, request.path_params["id"]
        for name in asked:
            if name not in _KNOWN:
                return problem(400, "invalid_request_error", f"Received unknown parameter: {name}", name)
        for name in _NEEDED:
            if name not in asked:
                return problem(400, "invalid_request_error", f"Missing required param: {name}.", name)
        begins, ends = int(asked["start_time"]), int(asked["end_time"])
        if begins % _MINUTE or ends % _MINUTE or begins >= ends:
            text = "The start and end time must be aligned with minute boundaries."
            return problem(400, "invalid_request_error", text, "start_time")
        if meter not in {one.meter for one in self._account.used}:
            return problem(404, "invalid_request_error", f"No such billing meter: '{meter}'", "id")
        found = [
            one.value
            for one in self._account.used
            if (one.meter, one.customer) == (meter, asked["customer"]) and begins <= one.at < ends
        ]
        summary: JsonObject = {
            "id": new_id("mtrusg"), "object": "billing.meter_event_summary", "aggregated_value": sum(found),
            "start_time": begins, "end_time": ends, "livemode": False, "meter": meter,
        }  # fmt: skip
        return listed(f"/v1/billing/meters/{meter}/event_summaries", [summary] if found else [])
