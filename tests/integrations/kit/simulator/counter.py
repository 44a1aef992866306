"""The smallest tool there is, for the tests of what simulators share: it counts, and tells of each number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Self

from pydantic import BaseModel, JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.kit.simulator.serving import main
from integrations.kit.simulator.simulator import BadChange, ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches
from integrations.kit.simulator.webhooks import SignedWebhook


class CounterOptions(SimulatorOptions):
    token: str = "let-me-in"


class Count(BaseModel):
    count: int = 0


class CounterWebhooks:
    largest_batch = 2
    most_attempts = 3
    pauses: tuple[float, ...] = (60,)

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:
        body = json.dumps({"events": list(events), "attempt": attempt}).encode()
        return SignedWebhook(target, {"X-Signed-At": at.isoformat()}, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        return status == 202

    def is_final(self, status: int) -> bool:
        return status == 404


class Counter(Simulator[Count, CounterOptions]):
    name: ClassVar[str] = "counter"
    title: ClassVar[str] = "counter"

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        state = Count.model_validate_json(kept) if kept else Count()
        return cls(CounterOptions.model_validate(options), state, Switches(), CounterWebhooks())

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/count", self._read), Route("/count", self._add, methods=["POST"])]

    def refusal(self, request: Request) -> Response | None:
        known = request.headers.get("authorization") == f"Bearer {self.options.token}"
        return None if known else self.answer_to("expire_token")

    def answer_to(self, fault: str) -> Response:
        return JSONResponse({"fault": fault}, {"expire_token": 401, "quota_spent": 429}.get(fault, 500))

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        if not isinstance(change.get("count"), int):
            raise BadChange("count is to be a number")
        self.state.count = int(str(change["count"]))
        self.webhooks.add(self.options.target, self.state.count)
        return self.state.count

    def connection(self, address: str) -> ConnectionExample:
        block: dict[str, JsonValue] = {"token": "secret:token", "base_url": address}
        return ConnectionExample(source=self.name, block=block, secrets={"token": self.options.token})

    async def _read(self, _: Request) -> Response:
        return JSONResponse({"count": self.state.count})

    async def _add(self, _: Request) -> Response:
        self.change({"count": self.state.count + 1})
        return JSONResponse({"count": self.state.count}, 201)


if __name__ == "__main__":
    main(Counter)
