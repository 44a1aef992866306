"""A simulator as a web application: the vendor's paths with their faults, and the control plane ``/_simulator/``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integrations.kit.simulator.simulator import BadChange, Simulator

CONTROL = "/_simulator"
_BEFORE = ("server_error", "quota_spent", "expire_token")
"""Faults that answer a call and do nothing, in this order."""
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

AnySimulator = Simulator[Any, Any]


def application_of(simulator: AnySimulator, file: Path | None = None) -> ASGIApp:
    """The whole application; with a file, what the simulator holds is kept there after each change."""

    def keep() -> None:
        if file is not None:
            partial = file.with_name(file.name + ".partial")
            partial.write_bytes(simulator.state.model_dump_json(indent=1).encode())
            partial.replace(file)

    vendor = Starlette(routes=list(simulator.routes()))
    control = Starlette(routes=[Mount(CONTROL, routes=_Control(simulator, keep).routes())])
    misbehaving = _Misbehaving(vendor, simulator, keep)

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        await (control if scope["path"].startswith(CONTROL) else misbehaving)(scope, receive, send)

    return choose


class _Misbehaving:
    """The vendor's application, with the faults that are switched on, and each call in the log."""

    def __init__(self, vendor: ASGIApp, simulator: AnySimulator, keep: Callable[[], None]) -> None:
        self._vendor, self._simulator, self._keep = vendor, simulator, keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        call = (request.method, request.url.path, request.url.query, body)
        fault = self._fault(f"{request.method} {request.url.path}", writes=request.method in _WRITES)
        if fault == "lose_request":
            self._log(call, None, fault)
            _cut(scope)
            return
        refusal = self._simulator.answer_to(fault) if fault in _BEFORE else self._simulator.refusal(request)
        if refusal is not None:
            refusal.headers.update(self._simulator.headers())
            self._log(call, refusal.status_code, fault)
            await refusal(scope, receive, send)
            return
        await self._carry_out(scope, call, fault, send)

    async def _carry_out(self, scope: Scope, call: tuple[str, str, str, bytes], fault: str | None, send: Send) -> None:
        answer: list[Message] = []

        async def replay() -> Message:
            return {"type": "http.request", "body": call[3], "more_body": False}

        async def collect(message: Message) -> None:
            answer.append(message)

        await self._vendor(scope, replay, collect)
        if call[0] in _WRITES:
            self._keep()
        status: int | None = next(part["status"] for part in answer if part["type"] == "http.response.start")
        if fault == "bad_gateway":
            proxy = Response("<html><body>502 Bad Gateway</body></html>", 502, media_type="text/html")
            self._log(call, 502, fault)
            await proxy(scope, replay, send)
            return
        self._log(call, None if fault == "lose_response" else status, fault)
        if self._simulator.switches.slow:
            await asyncio.sleep(self._simulator.switches.slow)
        if fault == "lose_response":
            _cut(scope)
            return
        more = [(name.encode(), value.encode()) for name, value in self._simulator.headers().items()]
        for message in answer:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *more]
            await send(message)

    def _fault(self, call: str, *, writes: bool) -> str | None:
        switches = self._simulator.switches
        if not switches.concerns(call):
            return None
        faults = ("lose_request", *_BEFORE, *(("lose_response", "bad_gateway") if writes else ()))
        return next((name for name in faults if switches.take(name)), None)

    def _log(self, call: tuple[str, str, str, bytes], status: int | None, fault: str | None) -> None:
        self._simulator.calls.add(self._simulator.now(), call, status, fault)


class _Control:
    """What a test or a person tells the simulator itself."""

    def __init__(self, simulator: AnySimulator, keep: Callable[[], None]) -> None:
        self._simulator, self._keep = simulator, keep

    def routes(self) -> list[Route]:
        return [
            Route("/state", self._state),
            Route("/calls", self._calls),
            Route("/webhooks", self._webhooks),
            Route("/connection", self._connection),
            Route("/switches", _problems_told(self._switches), methods=["GET", "POST"]),
            Route("/change", _problems_told(self._change), methods=["POST"]),
            Route("/deliver", self._deliver, methods=["POST"]),
        ]

    async def _state(self, _: Request) -> Response:
        return _json(self._simulator.state)

    async def _calls(self, request: Request) -> Response:
        since = int(request.query_params.get("since", "0"))
        return JSONResponse([call.model_dump(mode="json") for call in self._simulator.calls.since(since)])

    async def _webhooks(self, _: Request) -> Response:
        return _json(self._simulator.webhooks.state())

    async def _connection(self, request: Request) -> Response:
        return _json(self._simulator.connection(str(request.base_url).rstrip("/")))

    async def _switches(self, request: Request) -> Response:
        switches = self._simulator.switches
        if request.method == "POST":
            given = from_json(await request.body())
            checked = type(switches).model_validate({**switches.model_dump(), **given})
            for name in given:
                setattr(switches, name, getattr(checked, name))
        return _json(switches)

    async def _change(self, request: Request) -> Response:
        change = from_json(await request.body())
        if not isinstance(change, dict):
            raise BadChange("a change is an object")
        done = self._simulator.change(change)
        self._keep()
        return JSONResponse(done)

    async def _deliver(self, _: Request) -> Response:
        await self._simulator.webhooks.deliver()
        return _json(self._simulator.webhooks.state())


def _problems_told(handle: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def handled(request: Request) -> Response:
        try:
            return await handle(request)
        except (BadChange, ValidationError, TypeError, ValueError) as error:
            return JSONResponse({"detail": str(error)}, 400)

    return handled


def _json(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type="application/json")


def _cut(scope: Scope) -> None:
    """Break the connection off: the caller gets no answer."""
    transport: asyncio.Transport = scope["state"]["transport"]
    transport.abort()
