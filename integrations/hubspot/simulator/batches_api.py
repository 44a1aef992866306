"""``/crm/objects/2026-09/{type}/batch/…``: up to a hundred objects at once; some may fail, which is a 207."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.hubspot.simulator.changes import Author, Changes
from integrations.hubspot.simulator.errors import HubSpotError, bad_request
from integrations.hubspot.simulator.objects_api import PATH
from integrations.hubspot.simulator.portal import CrmObject, iso
from integrations.hubspot.simulator.requests import (
    JsonObject,
    after_write,
    answering,
    body_of,
    checked_object,
    inputs_of,
    shown,
)


class BatchesApi:
    """Many objects at a time."""

    def __init__(self, changes: Changes, author: Author) -> None:
        self._changes, self._portal, self._author = changes, changes.portal, author

    def routes(self) -> list[Route]:
        """Its paths."""
        handlers = {"create": self._create, "read": self._read, "update": self._update, "upsert": self._upsert}
        return [
            *(
                Route(f"{PATH}/{{kind}}/batch/{name}", answering(handler), methods=["POST"])
                for name, handler in handlers.items()
            ),
            Route(f"{PATH}/{{kind}}/batch/archive", answering(self._archive), methods=["POST"]),
        ]

    async def _create(self, request: Request) -> Response:
        kind, inputs = await self._inputs(request, ("inputs",))

        def create(given: JsonValue) -> JsonObject:
            one = checked_object(given, ("properties", "associations", "objectWriteTraceId"), ("properties",))
            return after_write(self._portal, kind, self._changes.create(kind, one["properties"], self._author))

        return self._each(kind, inputs, create, 201)

    async def _read(self, request: Request) -> Response:
        kind = self._portal.kind(request.path_params["kind"])
        body = await body_of(request, ("inputs", "properties", "propertiesWithHistory", "idProperty"), ("inputs",))
        asked, id_property = body.get("properties"), body.get("idProperty")

        def read(given: JsonValue) -> JsonObject:
            id_ = str(checked_object(given, ("id",), ("id",))["id"])
            there = self._portal.find(kind, id_, str(id_property) if id_property else None)
            return shown(self._portal, kind, there, map(str, asked) if isinstance(asked, list) else None)

        return self._each(kind, inputs_of(body), read)

    async def _update(self, request: Request) -> Response:
        kind, inputs = await self._inputs(request, ("inputs",))

        def update(given: JsonValue) -> JsonObject:
            fields = ("id", "idProperty", "properties", "objectWriteTraceId")
            one = checked_object(given, fields, ("id", "properties"))
            id_property = one.get("idProperty")
            there = self._portal.find(kind, str(one["id"]), str(id_property) if id_property else None)
            changed = self._changes.update(kind, there, one["properties"], self._author)
            return after_write(self._portal, kind, changed)

        return self._each(kind, inputs, update)

    async def _upsert(self, request: Request) -> Response:
        kind, inputs = await self._inputs(request, ("inputs",))

        def upsert(given: JsonValue) -> JsonObject:
            fields = ("id", "idProperty", "properties", "objectWriteTraceId")
            one = checked_object(given, fields, ("id", "properties"))
            id_, id_property = str(one["id"]), str(one.get("idProperty") or "hs_object_id")
            there: CrmObject | None = None
            if id_property == "hs_object_id":
                there = self._portal.find(kind, id_)
            else:
                self._portal.require_unique(kind, id_property)
                there = self._portal.with_value(kind, id_property, id_)
            properties = one["properties"]
            if not isinstance(properties, dict):
                raise bad_request("properties is no object")
            if there is None:
                made = self._changes.create(kind, {id_property: id_, **properties}, self._author)
                return {**after_write(self._portal, kind, made), "new": True}
            changed = self._changes.update(kind, there, properties, self._author)
            return {**after_write(self._portal, kind, changed), "new": False}

        return self._each(kind, inputs, upsert)

    async def _archive(self, request: Request) -> Response:
        kind, inputs = await self._inputs(request, ("inputs",))
        for given in inputs:
            there = self._portal.objects[kind].get(str(checked_object(given, ("id",), ("id",))["id"]))
            if there is not None and not there.archived:
                self._changes.archive(kind, there, self._author)
        return Response(status_code=204)

    async def _inputs(self, request: Request, fields: tuple[str, ...]) -> tuple[str, list[JsonValue]]:
        kind = self._portal.kind(request.path_params["kind"])
        return kind, inputs_of(await body_of(request, fields, ("inputs",)))

    def _each(
        self, kind: str, inputs: list[JsonValue], do: Callable[[JsonValue], JsonObject], status: int = 200
    ) -> Response:
        """Do each; where nothing can be done the first error is the answer, where something can it is a 207."""
        started, done, failed = self._changes.now(), list[JsonValue](), list[HubSpotError]()
        for given in inputs:
            try:
                done.append(do(given))
            except HubSpotError as error:
                if error.category != "OBJECT_NOT_FOUND" and len(inputs) == 1:
                    raise
                failed.append(error)
        body: JsonObject = {
            "status": "COMPLETE", "results": done, "startedAt": iso(started), "completedAt": iso(self._changes.now()),
        }  # fmt: skip
        if not failed:
            return JSONResponse(body, status)
        errors: list[JsonValue] = [
            {"status": "error", "category": one.category, "message": one.message, "errors": one.errors}
            if one.category != "OBJECT_NOT_FOUND"
            else {
                "status": "error", "category": one.category, "context": {"ids": [_id_of(given) for given in inputs]},
                "message": f"Could not get some {kind.upper()[:-1]} objects, they may be deleted or not exist.",
            }
            for one in failed
        ]  # fmt: skip
        return JSONResponse({**body, "numErrors": len(failed), "errors": errors}, 207)


def _id_of(given: JsonValue) -> JsonValue:
    return given.get("id") if isinstance(given, dict) else None
