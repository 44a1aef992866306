"""API v2: deals, persons and activities, one at a time and in pages; searches; custom fields; stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha1
from typing import TYPE_CHECKING

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.pipedrive.simulator.changes import Author, Changes
from integrations.pipedrive.simulator.company import CUSTOMIZED, CustomField, Record, shown
from integrations.pipedrive.simulator.errors import PipedriveError, bad_request
from integrations.pipedrive.simulator.requests import answering, body_of, enveloped, only_query, page_of

if TYPE_CHECKING:
    from integrations.pipedrive.simulator.simulator import PipedriveSwitches

V2 = "/api/v2"
PLURALS = {"deals": "deal", "persons": "person", "organizations": "organization", "activities": "activity"}
_PAGE = ("limit", "cursor", "sort_by", "sort_direction", "updated_since", "updated_until")
_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "exact": str.__eq__,
    "beginning": str.startswith,
    "middle": str.__contains__,
}
"""How a search by a field compares; large and small letters differ."""
_FILTERS = {
    "deal": ("status", "person_id", "org_id", "stage_id", "owner_id"),
    "person": ("deal_id", "org_id"),
    "organization": ("owner_id",),
    "activity": ("deal_id", "done"),
}


class RecordsApi:
    """Records of a company."""

    def __init__(self, changes: Changes, author: Author, switches: PipedriveSwitches) -> None:
        self._changes, self._company, self._author = changes, changes.company, author
        self._switches = switches

    def routes(self) -> list[Route]:
        """Its paths; what is more exact stands first."""
        found = [
            Route(f"{V2}/itemSearch/field", answering(self._search_field)),
            Route(f"{V2}/persons/search", answering(self._search_persons)),
            Route(f"{V2}/organizations/search", answering(self._search_organizations)),
            Route(f"{V2}/stages", answering(self._stages)),
        ]
        for entity in CUSTOMIZED:
            path = f"{V2}/{entity}Fields"
            found += [Route(path, answering(self._fields)), Route(path, answering(self._add_field), methods=["POST"])]
        for plural in PLURALS:
            path = f"{V2}/{plural}"
            found += [
                Route(path, answering(self._list)),
                Route(path, answering(self._create, 201), methods=["POST"]),
                Route(f"{path}/{{id}}", answering(self._read)),
                Route(f"{path}/{{id}}", answering(self._update), methods=["PATCH"]),
                Route(f"{path}/{{id}}", answering(self._delete), methods=["DELETE"]),
            ]
        return found

    async def _list(self, request: Request) -> JsonValue:
        kind, query = _kind(request), request.query_params
        only_query(request, *_PAGE, *_FILTERS[kind])
        found = [one for one in self._company.records[kind].values() if self._is_listed(request, kind, one)]
        if (since := query.get("updated_since")) is not None:
            found = [one for one in found if one.update_time.replace(microsecond=0) >= _moment(since)]
        if (until := query.get("updated_until")) is not None:
            found = [one for one in found if one.update_time.replace(microsecond=0) < _moment(until)]
        order = query.get("sort_by", "id")
        if order not in {"id", "add_time", "update_time"}:
            raise bad_request("sort_by is unknown")
        found.sort(key=lambda one: getattr(one, order), reverse=query.get("sort_direction") == "desc")
        return page_of(request, [shown(kind, one) for one in found])

    def _is_listed(self, request: Request, kind: str, record: Record) -> bool:
        query = request.query_params
        if kind == "deal" and "status" in query:
            return str(record.values["status"]) in query["status"].split(",")
        wanted = {name: query[name] for name in _FILTERS[kind] if name in query}
        as_text = {name: str(record.values.get(name)).lower() for name in wanted}
        return not record.is_deleted and as_text == {name: value.lower() for name, value in wanted.items()}

    async def _create(self, request: Request) -> JsonValue:
        kind = _kind(request)
        return enveloped(shown(kind, self._changes.create(kind, await body_of(request), self._author)))

    async def _read(self, request: Request) -> JsonValue:
        kind, id_ = _kind(request), request.path_params["id"]
        there = self._company.records[kind].get(int(id_)) if id_.isdecimal() else None
        if there is None or (there.is_deleted and kind != "deal"):
            raise PipedriveError(404, f"{kind.capitalize()} not found")
        return enveloped(shown(kind, there))

    async def _update(self, request: Request) -> JsonValue:
        kind = _kind(request)
        there = self._changes.require(kind, request.path_params["id"])
        return enveloped(shown(kind, self._changes.update(kind, there, await body_of(request), self._author)))

    async def _delete(self, request: Request) -> JsonValue | Response:
        kind, id_ = _kind(request), request.path_params["id"]
        there = self._company.records[kind].get(int(id_)) if id_.isdecimal() else None
        if there is not None and there.is_deleted:
            return JSONResponse(enveloped({"id": there.id}), 410)
        there = self._changes.require(kind, id_)
        self._changes.delete(kind, there, self._author)
        return enveloped({"id": there.id})

    async def _search_field(self, request: Request) -> JsonValue:
        only_query(request, "term", "entity_type", "match", "field", "limit", "cursor")
        query = request.query_params
        entity, code, term = query.get("entity_type", ""), query.get("field", ""), query.get("term", "")
        if code not in [one.field_code for one in self._company.custom(entity)]:
            raise bad_request("field is unknown, or cannot be searched")
        if (matches := _MATCHES.get(query.get("match", "exact"))) is None or not term:
            raise bad_request("term and match are required")
        held = ((one, str(one.custom_fields.get(code) or "")) for one in self._searchable(entity))
        found = [one for one, value in held if matches(value, term)]
        return page_of(request, [{"id": one.id, code: one.custom_fields[code]} for one in found])

    async def _search_persons(self, request: Request) -> JsonValue:
        only_query(request, "term", "fields", "exact_match", "limit", "cursor")
        term = request.query_params.get("term", "").lower()
        return _items(one for one in self._searchable("person") if term in _addresses(one))

    async def _search_organizations(self, request: Request) -> JsonValue:
        only_query(request, "term", "fields", "exact_match", "limit", "cursor")
        term = request.query_params.get("term", "").lower()
        named = ((one, str(one.values["name"]).lower()) for one in self._searchable("organization"))
        whole = request.query_params.get("exact_match") == "true"
        return _items(one for one, name in named if (term == name if whole else term in name))

    def _searchable(self, entity: str) -> list[Record]:
        before = self._changes.now() - timedelta(seconds=self._switches.search_lag)
        records = self._company.records[entity].values()
        return [one for one in records if not one.is_deleted and one.add_time <= before]

    async def _fields(self, request: Request) -> JsonValue:
        only_query(request, "limit", "cursor", "include_fields")
        entity = request.url.path.rpartition("/")[2].removesuffix("Fields")
        native: list[JsonValue] = [{"field_code": "title", "field_name": "Title", "field_type": "varchar"}]
        return page_of(request, native + [one.model_dump() for one in self._company.custom(entity)])

    async def _add_field(self, request: Request) -> JsonValue:
        entity, body = request.url.path.rpartition("/")[2].removesuffix("Fields"), await body_of(request)
        if set(body) != {"field_name", "field_type"}:
            raise bad_request("field_name and field_type are required")
        code = sha1(f"{entity}{self._company.take_id()}".encode()).hexdigest()  # noqa: S324 - as Pipedrive's look
        made = CustomField(
            entity=entity, field_code=code, field_name=str(body["field_name"]), field_type=str(body["field_type"])
        )
        self._company.fields.append(made)
        return enveloped(made.model_dump())

    async def _stages(self, request: Request) -> JsonValue:
        return page_of(request, [one.model_dump() for one in self._company.stages])


def _items(found: Iterable[Record]) -> JsonValue:
    items: list[JsonValue] = [{"result_score": 1, "item": {"id": one.id}} for one in found]
    return enveloped({"items": items}, {"next_cursor": None})


def _kind(request: Request) -> str:
    return PLURALS[request.url.path.removeprefix(V2).split("/")[1]]


def _moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request("updated_since is no time") from None
    if read.tzinfo is None:
        raise bad_request("updated_since has to be in RFC 3339")
    return read


def _addresses(record: Record) -> list[str]:
    emails = record.values.get("emails")
    given = emails if isinstance(emails, list) else []
    return [str(one.get("value")).lower() for one in given if isinstance(one, dict)]
