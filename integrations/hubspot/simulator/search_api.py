"""``/crm/objects/2026-09/{type}/search``: by an index that lags behind what was written."""

from __future__ import annotations

from datetime import timedelta

from pydantic import JsonValue
from starlette.requests import Request
from starlette.routing import Route

from integrations.hubspot.simulator.changes import Changes
from integrations.hubspot.simulator.errors import bad_request
from integrations.hubspot.simulator.objects_api import PATH
from integrations.hubspot.simulator.portal import CrmObject
from integrations.hubspot.simulator.requests import answering, body_of, checked_object, shown

_MOST = 200
_FIELDS = ("filterGroups", "sorts", "query", "properties", "limit", "after")


class SearchApi:
    """Search."""

    def __init__(self, changes: Changes) -> None:
        self._changes, self._portal = changes, changes.portal

    def routes(self) -> list[Route]:
        """Its path."""
        return [Route(f"{PATH}/{{kind}}/search", answering(self._search), methods=["POST"])]

    async def _search(self, request: Request) -> JsonValue:
        kind = self._portal.kind(request.path_params["kind"])
        body = await body_of(request, _FIELDS)
        limit, after = int(str(body.get("limit") or 10)), int(str(body.get("after") or 0))
        if limit > _MOST:
            raise bad_request(f"limit must be at most {_MOST}")
        indexed = self._changes.now() - timedelta(seconds=self._changes.switches.search_lag)
        groups = body.get("filterGroups") or []
        found = [
            one
            for one in self._portal.objects[kind].values()
            if not one.archived and one.updated_at <= indexed and _matches(one, groups)
        ]
        found.sort(key=lambda one: (one.updated_at, int(one.id)))
        asked = body.get("properties")
        names = [str(name) for name in asked] if isinstance(asked, list) and asked else None
        page: list[JsonValue] = [shown(self._portal, kind, one, names) for one in found[after : after + limit]]
        answer: dict[str, JsonValue] = {"total": len(found), "results": page}
        if after + limit < len(found):
            answer["paging"] = {"next": {"after": str(after + limit)}}
        return answer


def _matches(one: CrmObject, groups: JsonValue) -> bool:
    if not isinstance(groups, list):
        raise bad_request("filterGroups is no list")
    every = [checked_object(group, ("filters",), ("filters",))["filters"] for group in groups]
    return not every or any(
        all(_holds(one, each) for each in filters) for filters in every if isinstance(filters, list)
    )


def _holds(one: CrmObject, given: JsonValue) -> bool:
    fields = ("propertyName", "operator", "value", "values", "highValue")
    wanted = checked_object(given, fields, ("propertyName", "operator"))
    value, asked = one.properties.get(str(wanted["propertyName"])), str(wanted.get("value", ""))
    values = wanted.get("values")
    match wanted["operator"]:
        case "EQ":
            return value is not None and value.lower() == asked.lower()
        case "NEQ":
            return value is None or value.lower() != asked.lower()
        case "IN":
            return isinstance(values, list) and value in values
        case "GTE":
            return value is not None and value >= asked
        case "GT":
            return value is not None and value > asked
        case "LT":
            return value is not None and value < asked
        case "LTE":
            return value is not None and value <= asked
        case "HAS_PROPERTY":
            return value is not None
        case "NOT_HAS_PROPERTY":
            return value is None
        case operator:
            raise bad_request(f"operator {operator} is not simulated")
