"""``/crm/objects/2026-09/…``: one object at a time, and how objects are associated."""

from __future__ import annotations

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.hubspot.simulator.changes import Author, Changes
from integrations.hubspot.simulator.errors import bad_request, not_found
from integrations.hubspot.simulator.portal import OBJECT_TYPES, singular
from integrations.hubspot.simulator.requests import (
    JsonObject,
    after_write,
    answering,
    body_of,
    checked_object,
    history_of,
    shown,
)

PATH = "/crm/objects/2026-09"
ASSOCIATION_TYPES = {
    216: ("tasks", "deals"), 204: ("tasks", "contacts"), 214: ("notes", "deals"), 202: ("notes", "contacts"),
    3: ("deals", "contacts"), 206: ("calls", "deals"), 194: ("calls", "contacts"), 210: ("emails", "deals"),
    198: ("emails", "contacts"),
}  # fmt: skip
_MOST = 100


class ObjectsApi:
    """One object at a time."""

    def __init__(self, changes: Changes, author: Author) -> None:
        self._changes, self._portal, self._author = changes, changes.portal, author

    def routes(self) -> list[Route]:
        """Its paths."""
        one, two = f"{PATH}/{{kind}}", f"{PATH}/{{kind}}/{{id}}"
        default = f"{PATH}/{{kind}}/{{id}}/associations/default/{{to_kind}}/{{to_id}}"
        return [
            Route(one, answering(self._list), methods=["GET"]),
            Route(one, answering(self._create, 201), methods=["POST"]),
            Route(two, answering(self._read), methods=["GET"]),
            Route(two, answering(self._update), methods=["PATCH"]),
            Route(two, answering(self._archive), methods=["DELETE"]),
            Route(default, answering(self._associate), methods=["PUT"]),
        ]

    async def _list(self, request: Request) -> JsonValue:
        kind, asked = self._portal.kind(request.path_params["kind"]), _asked(request)
        archived, after = request.query_params.get("archived") == "true", int(request.query_params.get("after", "0"))
        limit = min(int(request.query_params.get("limit", "10")), _MOST)
        found = [one for one in self._portal.objects[kind].values() if one.archived is archived and int(one.id) > after]
        page: list[JsonValue] = [shown(self._portal, kind, one, asked) for one in found[:limit]]
        if len(found) <= limit:
            return {"results": page}
        return {"results": page, "paging": {"next": {"after": found[limit - 1].id}}}

    async def _create(self, request: Request) -> JsonValue:
        kind = self._portal.kind(request.path_params["kind"])
        body = await body_of(request, ("properties", "associations", "objectWriteTraceId"), ("properties",))
        targets = self._targets(kind, body.get("associations") or [])
        made = self._changes.create(kind, body["properties"], self._author)
        for target in targets:
            self._changes.associate((kind, made.id), target, self._author)
        return after_write(self._portal, kind, made)

    async def _read(self, request: Request) -> JsonValue:
        kind = self._portal.kind(request.path_params["kind"])
        archived = request.query_params.get("archived") == "true"
        id_, id_property = request.path_params["id"], request.query_params.get("idProperty")
        there = self._portal.find(kind, id_, id_property, archived=archived)
        answer = shown(self._portal, kind, there, _asked(request))
        if histories := [name for name in request.query_params.get("propertiesWithHistory", "").split(",") if name]:
            answer["propertiesWithHistory"] = {name: history_of(there, name) for name in histories}
        if wanted := [name for name in request.query_params.get("associations", "").split(",") if name]:
            answer["associations"] = {name: self._associated(kind, there.id, name) for name in wanted}
        return answer

    def _associated(self, kind: str, id_: str, to: str) -> JsonObject:
        to_kind = self._portal.kind(to)
        name = f"{singular(kind)}_to_{singular(to_kind)}"
        return {"results": [{"id": each, "type": name} for each in self._portal.associated(kind, id_, to_kind)]}

    async def _update(self, request: Request) -> JsonValue:
        kind = self._portal.kind(request.path_params["kind"])
        there = self._portal.find(kind, request.path_params["id"], request.query_params.get("idProperty"))
        body = await body_of(request, ("properties", "objectWriteTraceId"), ("properties",))
        return after_write(self._portal, kind, self._changes.update(kind, there, body["properties"], self._author))

    async def _archive(self, request: Request) -> Response:
        kind = self._portal.kind(request.path_params["kind"])
        there = self._portal.objects[kind].get(request.path_params["id"])
        if there is not None and not there.archived:  # HubSpot answers alike for what is not there
            self._changes.archive(kind, there, self._author)
        return Response(status_code=204)

    async def _associate(self, request: Request) -> JsonValue:
        path = request.path_params
        kind, to_kind = self._portal.kind(path["kind"]), self._portal.kind(path["to_kind"])
        self._portal.find(kind, path["id"])
        self._portal.find(to_kind, path["to_id"])
        self._changes.associate((kind, path["id"]), (to_kind, path["to_id"]), self._author)
        result: JsonObject = {
            "from": {"id": path["id"]}, "to": {"id": path["to_id"]},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 0},
        }  # fmt: skip
        return {"status": "COMPLETE", "results": [result]}

    def _targets(self, kind: str, given: JsonValue) -> list[tuple[str, str]]:
        if not isinstance(given, list):
            raise bad_request("associations is no list")
        found = []
        for each in given:
            target = checked_object(each, ("to", "types"), ("to", "types"))
            id_ = str(checked_object(target["to"], ("id",), ("id",))["id"])
            for written in target["types"] if isinstance(target["types"], list) else []:
                spec = checked_object(written, ("associationCategory", "associationTypeId"))
                number = spec.get("associationTypeId")
                from_kind, to_kind = ASSOCIATION_TYPES.get(number if isinstance(number, int) else 0, ("", ""))
                if from_kind != kind:
                    raise bad_request(f"association type {number} is not one of {OBJECT_TYPES[kind]}")
                if id_ not in self._portal.objects[to_kind]:
                    raise not_found(to_kind, id_)
                found.append((to_kind, id_))
        return found


def _asked(request: Request) -> list[str] | None:
    text = request.query_params.get("properties")
    return [name for name in text.split(",") if name] if text else None
