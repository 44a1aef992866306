"""The REST API, version 68: records, upserts, queries and the two kinds of bundle.

A call is taken with its path in raw segments, since a key may hold an encoded slash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from urllib.parse import unquote

from pydantic import JsonValue

from integrations.salesforce.simulator import soql
from integrations.salesforce.simulator.org import Author, Org, sobject_named
from integrations.salesforce.simulator.schema import ApiError, not_found
from integrations.salesforce.simulator.validation import Values

VERSION = "v68.0"
_BATCH = 200
"""Records in one answer to a query; the others follow under ``nextRecordsUrl``."""


@dataclass(frozen=True)
class Answer:
    """A status and a body; None is no body at all."""

    status: int
    body: JsonValue = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of the REST API, after ``/services/data/v68.0/``."""

    method: str
    segments: tuple[str, ...]
    """The path's parts, decoded one by one."""
    query: Mapping[str, str]
    body: JsonValue
    author: Author


def segments_of(raw_path: str) -> tuple[str, ...]:
    """The parts of a path, each decoded: an encoded slash is part of a key."""
    return tuple(unquote(part) for part in raw_path.strip("/").split("/") if part)


@dataclass
class RestApi:
    """The API of one org."""

    org: Org
    batch: int = _BATCH
    _cursors: dict[str, tuple[list[Values], int]] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def answer(self, call: Call) -> Answer:
        """The answer to a call.

        Raises:
            ApiError: it is refused.
        """
        match call.segments:
            case ("sobjects", name):
                return self._create(call, name)
            case ("sobjects", name, id_):
                return self._record(call, name, id_)
            case ("sobjects", name, key_field, key):
                return self._keyed(call, name, key_field, key)
            case ("query" | "queryAll" as kind, *cursor):
                return self._query(call, kind, cursor)
            case ("limits",):
                return Answer(200, {"DailyApiRequests": {"Max": 15000, "Remaining": 14092}})
        raise not_found()

    def _create(self, call: Call, name: str) -> Answer:
        _allow(call, "POST")
        id_ = self.org.create(name, _values(call.body), call.author)
        return Answer(201, {"id": id_, "success": True, "errors": []})

    def _record(self, call: Call, name: str, id_: str) -> Answer:
        _allow(call, "GET", "PATCH", "DELETE")
        if call.method == "GET":
            return Answer(200, self._shown(name, self.org.get(name, id_), call))
        if call.method == "DELETE":
            self.org.delete(name, id_, call.author)
        else:
            self.org.update(name, id_, _values(call.body), call.author)
        return Answer(204)

    def _keyed(self, call: Call, name: str, key_field: str, key: str) -> Answer:
        _allow(call, "GET", "PATCH", "DELETE")
        found = self.org.with_key(name, key_field, key)
        if len(found) > 1:
            urls: list[JsonValue] = [f"/services/data/{VERSION}/sobjects/{name}/{one['Id']}" for one in found]
            return Answer(300, urls)
        if call.method == "PATCH":
            update_only = call.query.get("updateOnly") == "true"
            return self.upsert(name, key_field, key, _values(call.body), call.author, update_only=update_only)
        if not found:
            raise not_found()
        return self._record(call, name, str(found[0]["Id"]))

    def upsert(
        self, name: str, key_field: str, key: str, values: Values, author: Author, *, update_only: bool = False
    ) -> Answer:
        """Update the one record with this key, or make it.

        Raises:
            ApiError: it is refused.
        """
        if key_field in values:
            message = f"The {key_field} field should not be specified in the sobject data."
            raise ApiError(400, "INVALID_FIELD", message, [key_field])
        found = self.org.with_key(name, key_field, key)
        if len(found) > 1:
            raise ApiError(300, "DUPLICATE_EXTERNAL_ID", f"{key_field}: more than one record found", [key_field])
        if found:
            id_ = str(found[0]["Id"])
            self.org.update(name, id_, values, author)
            return Answer(200, {"id": id_, "success": True, "errors": [], "created": False})
        if update_only:
            raise not_found()
        id_ = self.org.create(name, {**values, key_field: key}, author)
        return Answer(201, {"id": id_, "success": True, "errors": [], "created": True})

    def _shown(self, name: str, record: Values, call: Call) -> JsonValue:
        sobject, wanted = sobject_named(name), call.query.get("fields")
        names = [part.strip() for part in wanted.split(",")] if wanted else list(sobject.fields)
        for field_name in names:
            if field_name not in sobject.fields:
                raise ApiError(400, "INVALID_FIELD", f"No such column '{field_name}' on entity '{name}'")
        url = f"/services/data/{VERSION}/sobjects/{name}/{record['Id']}"
        attributes: Values = {"type": name, "url": url}
        return {"attributes": attributes, **{part: record.get(part) for part in dict.fromkeys([*names, "Id"])}}

    def _query(self, call: Call, kind: str, cursor: list[str]) -> Answer:
        _allow(call, "GET")
        if cursor:
            if (kept := self._cursors.get(cursor[0])) is None:
                raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
            return self._page(kind, *kept)
        query = call.query.get("q")
        if not query:
            raise ApiError(400, "MALFORMED_QUERY", "SOQL query cannot be empty")
        records = soql.select(self.org, query, with_deleted=kind == "queryAll")
        return self._page(kind, records, 0)

    def _page(self, kind: str, records: list[Values], start: int) -> Answer:
        end = start + self.batch
        page: Values = {"totalSize": len(records), "done": end >= len(records), "records": [*records[start:end]]}
        if end < len(records):
            locator = f"01g5f{next(self._numbers):010d}-{end}"
            self._cursors[locator] = (records, end)
            page["nextRecordsUrl"] = f"/services/data/{VERSION}/{kind}/{locator}"
        return Answer(200, page)


def with_method(call: Call, method: str, segments: tuple[str, ...], body: JsonValue) -> Call:
    """A call within a bundle: by the same author."""
    return replace(call, method=method, segments=segments, body=body, query={})


def _allow(call: Call, *methods: str) -> None:
    if call.method not in methods:
        message = f"HTTP Method '{call.method}' not allowed. Allowed are {','.join(methods)}"
        raise ApiError(405, "METHOD_NOT_ALLOWED", message)


def _values(body: JsonValue) -> Values:
    if not isinstance(body, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "The request body is no JSON object")
    return {key: value for key, value in body.items() if key != "attributes"}
