"""DocuSign's API for Connect: configurations, the log of failures, and having them sent again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import BaseModel, JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.docusign.simulator.account import Account, Configuration, JsonObject, new_id
from integrations.docusign.simulator.answers import Strict, problem, read_as
from integrations.docusign.simulator.connect_queue import ConnectQueue


class _Filter(Strict):
    envelopeIds: list[str]  # noqa: N815 - DocuSign's own name
    synchronous: str = "false"


class ConnectApi:
    """The paths of Connect."""

    def __init__(self, account: Account, queue: ConnectQueue) -> None:
        self._account, self._queue = account, queue

    def routes(self, root: str) -> Sequence[BaseRoute]:
        """All of them, below an account's root."""
        connect = f"{root}/connect"
        return [
            Route(connect, self._list, methods=["GET"]),
            Route(connect, self._make, methods=["POST"]),
            Route(connect, self._change, methods=["PUT"]),
            Route(f"{connect}/failures", self._failures, methods=["GET"]),
            Route(f"{connect}/envelopes/retry_queue", self._retry, methods=["PUT"]),
            Route(f"{connect}/envelopes/{{id}}/retry_queue", self._retry_one, methods=["PUT"]),
        ]

    async def _list(self, _: Request) -> Response:
        shown: list[JsonValue] = [_shown(one) for one in self._account.configurations.values()]
        return JSONResponse({"configurations": shown, "totalRecords": str(len(shown))})

    async def _make(self, request: Request) -> Response:
        given = await read_as(request, Configuration)
        if isinstance(given, Response):
            return given
        made = given.model_copy(update={"connectId": new_id()})
        self._account.configurations[made.connectId] = made
        return JSONResponse(_shown(made), 201)

    async def _change(self, request: Request) -> Response:
        given = await read_as(request, Configuration)
        if isinstance(given, Response):
            return given
        if given.connectId not in self._account.configurations:
            return problem("CONNECT_CONFIGURATION_DOES_NOT_EXIST", "The Connect configuration does not exist.")
        self._account.configurations[given.connectId] = given
        return JSONResponse(_shown(given))

    async def _failures(self, _: Request) -> Response:
        failures = self._queue.failures()
        return JSONResponse({"failures": failures, "totalRecords": str(len(failures))})

    async def _retry(self, request: Request) -> Response:
        given = await read_as(request, _Filter)
        return given if isinstance(given, Response) else self._again(given.envelopeIds)

    async def _retry_one(self, request: Request) -> Response:
        return self._again([request.path_params["id"]])

    def _again(self, envelopes: Collection[str]) -> Response:
        queued: list[JsonObject] = self._queue.republish(envelopes)
        return JSONResponse({"retryQueue": queued})


def _shown(one: BaseModel) -> JsonObject:
    return one.model_dump(mode="json")
