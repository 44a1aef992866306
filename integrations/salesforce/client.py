"""The calls of Salesforce's REST API that we make, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from integrations.kit.answers import Answer, Operation
from integrations.kit.errors import Refused, Unanswered
from integrations.kit.http import Payload, ToolClient
from integrations.salesforce.settings import CLIENT, VERSION

Values = Mapping[str, JsonValue]
Row = dict[str, JsonValue]

_BASE = f"/services/data/{VERSION}"
_WHO = {"Sforce-Call-Options": f"client={CLIENT}"}
"""Change events of what we write carry this name."""
_MOST_PAGES = 500
"""Answers to one query that are read; each has up to 2,000 records."""

_CREATE = Operation(name="create", method="POST", success=frozenset({201}))
_UPDATE = Operation(name="update", method="POST", success=frozenset({200}))
_UPDATE_KEYED = Operation(
    name="update by key", method="PATCH", success=frozenset({200, 204}), empty=frozenset({404})
)  # fmt: skip
_FIND = Operation(name="find", success=frozenset({200}), empty=frozenset({404}))
_READ = Operation(name="read", success=frozenset({200}))
_QUERY = Operation(name="query", success=frozenset({200}))


@dataclass(frozen=True)
class Changed:
    """A record right before and right after a change."""

    before: Row
    after: Row


class SalesforceClient:
    """One org. Every call raises the errors of ``integrations.kit.errors``."""

    def __init__(self, tool: ToolClient) -> None:
        self._tool = tool

    async def create(self, sobject: str, values: Values, key_field: str | None = None) -> str:
        """Make a record; one that is there under its key already was made before. Returns the record's id."""
        answer = await self._call(_CREATE, f"sobjects/{sobject}", body=dict(values))
        if answer.duplicate is None:
            return _id_in(answer)
        found = await self.find(sobject, key_field, str(values[key_field])) if key_field else None
        if found is None:
            raise Refused(f"Salesforce has another record of {sobject} with a value that has to be unique")
        return found

    async def read(self, sobject: str, id_: str, fields: tuple[str, ...]) -> Row:
        """These fields of a record as they are now."""
        body = (await self._call(_READ, f"sobjects/{sobject}/{id_}", {"fields": ",".join(fields)})).json()
        if not isinstance(body, dict):
            raise Unanswered("the answer does not show the record")
        return body

    async def update(self, sobject: str, id_: str, values: Values, fields: tuple[str, ...]) -> Changed:
        """Change a record, and return these fields of it as they are right before and right after.

        All is one call, so that nobody else's change is taken for ours, and none that we write over goes unseen.
        """
        record = f"{_BASE}/sobjects/{sobject}/{id_}"
        shown = f"{record}?{urlencode({'fields': ','.join(fields)})}"
        parts: list[JsonValue] = [
            {"method": "GET", "url": shown, "referenceId": "before"},
            {"method": "PATCH", "url": record, "referenceId": "changed", "body": dict(values)},
            {"method": "GET", "url": shown, "referenceId": "after"},
        ]
        answer = await self._call(_UPDATE, "composite", body={"allOrNone": True, "compositeRequest": parts})
        return Changed(_shown_in(answer, 0), _shown_in(answer, -1))

    async def update_keyed(self, sobject: str, key_field: str, key: str, values: Values) -> str | None:
        """Change the record with this key; returns its id, None where nothing has the key."""
        path = _keyed(sobject, key_field, key)
        answer = await self._call(_UPDATE_KEYED, path, {"updateOnly": "true"}, dict(values))
        if answer.empty:
            return None
        return _id_in(answer) if answer.body else await self.find(sobject, key_field, key)

    async def find(self, sobject: str, key_field: str, key: str) -> str | None:
        """The id of the record with this key; None where nothing has it."""
        answer = await self._call(_FIND, _keyed(sobject, key_field, key), {"fields": "Id"})
        return None if answer.empty else _id_in(answer)

    async def query(self, soql: str, *, with_deleted: bool = False) -> list[Row]:
        """All records that a query finds."""
        page = (await self._call(_QUERY, "queryAll" if with_deleted else "query", {"q": soql})).json()
        rows: list[Row] = []
        for _ in range(_MOST_PAGES):
            if not isinstance(page, dict) or not isinstance(page.get("records"), list):
                raise Unanswered("the answer to a query has no records")
            rows += [row for row in _list(page["records"]) if isinstance(row, dict)]
            path = str(page.get("nextRecordsUrl") or "")
            if not path.startswith(f"{_BASE}/"):
                return rows
            page = (await self._call(_QUERY, path.removeprefix(f"{_BASE}/"))).json()
        raise Refused(f"a query finds more than {_MOST_PAGES} pages of records")

    async def _call(
        self, operation: Operation, path: str, query: Mapping[str, str] | None = None, body: JsonValue = None
    ) -> Answer:
        payload = Payload(query=query or {}, json=body, headers=_WHO)
        return await self._tool.call(operation, f"{_BASE}/{path}", payload)


def _keyed(sobject: str, key_field: str, key: str) -> str:
    return f"sobjects/{sobject}/{key_field}/{quote(key, safe='')}"


def _id_in(answer: Answer) -> str:
    body = answer.json()
    id_ = body.get("id") or body.get("Id") if isinstance(body, dict) else None
    if not isinstance(id_, str):
        raise Unanswered(f"the answer {answer.status} names no record")
    return id_


def _shown_in(answer: Answer, place: int) -> Row:
    body = answer.json()
    parts = _list(body.get("compositeResponse")) if isinstance(body, dict) else []
    part = parts[place] if parts else None
    shown = part.get("body") if isinstance(part, dict) else None
    if not isinstance(shown, dict):
        raise Unanswered("the answer to a change does not show the record")
    return shown


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
