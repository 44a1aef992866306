"""The part of SOQL that is asked of the simulated org: one object, conditions joined by AND, order, limit."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from pydantic import JsonValue

from integrations.salesforce.simulator.org import Org
from integrations.salesforce.simulator.schema import OBJECTS, ApiError, SObject
from integrations.salesforce.simulator.validation import Values

_QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)(?: WHERE (?P<where>.+?))?(?: ORDER BY (?P<order>[\w, ]+?))?"
    r"(?: LIMIT (?P<limit>\d+))?",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(
    r"(?P<field>\w+)\s*(?P<op>>=|<=|!=|=|>|<|IN\b)\s*"
    r"(?P<value>'(?:[^'\\]|\\.)*'|\((?:'(?:[^'\\]|\\.)*'[,\s]*)+\)|[\w:.+-]+)",
    re.IGNORECASE,
)
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")
_ESCAPED = re.compile(r"\\(.)")
_PARENTS = {"Owner": ("OwnerId", "User"), "Contact": ("ContactId", "Contact"), "What": ("WhatId", "Opportunity")}


def select(org: Org, query: str, *, with_deleted: bool = False) -> list[Values]:
    """The records that a query finds, with the fields it names.

    Raises:
        ApiError: it cannot be read, or names what is not there.
    """
    found = _QUERY.fullmatch(query.strip())
    if found is None or (sobject := OBJECTS.get(found["object"])) is None:
        raise _malformed(query)
    columns = [column.strip() for column in found["fields"].split(",")]
    for column in columns:
        _require_column(sobject, column)
    records = list(org.state.tables[sobject.name].values()) if with_deleted else list(org.live(sobject.name))
    if where := found["where"]:
        records = [record for record in records if _holds(sobject, where, record)]
    for column in reversed((found["order"] or "").split(",") if found["order"] else []):
        name = column.strip().removesuffix(" ASC")
        _require(sobject, name)
        records.sort(key=lambda record, name=name: str(record.get(name) or ""))  # type: ignore[misc]
    if limit := found["limit"]:
        records = records[: int(limit)]
    return [_shown(org, sobject, record, columns) for record in records]


def _shown(org: Org, sobject: SObject, record: Values, columns: list[str]) -> Values:
    url = f"/services/data/v68.0/sobjects/{sobject.name}/{record['Id']}"
    shown: Values = {"attributes": {"type": sobject.name, "url": url}}
    for column in columns:
        parent, dot, name = column.partition(".")
        if not dot:
            shown[column] = record.get(column)
            continue
        key, target = _PARENTS[parent]
        there = org.state.tables[target].get(str(record.get(key)))
        inner = shown.setdefault(parent, None if there is None else {"attributes": {"type": target}})
        if isinstance(inner, dict) and there is not None:
            inner[name] = there.get(name)
    return shown


def _require_column(sobject: SObject, column: str) -> None:
    parent, dot, name = column.partition(".")
    if not dot:
        _require(sobject, column)
    elif parent in _PARENTS and _PARENTS[parent][0] in sobject.fields:
        _require(OBJECTS[_PARENTS[parent][1]], name)
    else:
        raise ApiError(400, "INVALID_FIELD", f"Didn't understand relationship '{parent}' in field path")


def _holds(sobject: SObject, where: str, record: Values) -> bool:
    place = 0
    while True:
        found = _CONDITION.match(where, place)
        if found is None:
            raise _malformed(where)
        _require(sobject, found["field"])
        if not _condition(record.get(found["field"]), found["op"].upper(), found["value"]):
            return False
        rest = where[found.end() :]
        if not rest.strip():
            return True
        joined = re.match(r"\s+AND\s+", rest, re.IGNORECASE)
        if joined is None:
            raise _malformed(where)
        place = found.end() + joined.end()


def _condition(held: JsonValue, op: str, written: str) -> bool:
    if op == "IN":
        return held in [_unescaped(text) for text in _TEXT.findall(written)]
    wanted = _value(written)
    if isinstance(wanted, datetime):
        held_at = datetime.fromisoformat(str(held)) if held else None
        return held_at is not None and _compared(held_at.timestamp(), op, wanted.timestamp())
    if isinstance(wanted, str) and isinstance(held, str):
        return _compared(held.lower(), op, wanted.lower())  # SOQL compares texts without regard to case
    if isinstance(wanted, Decimal) and isinstance(held, int | float) and not isinstance(held, bool):
        return _compared(float(held), op, float(wanted))
    return {"=": held == wanted, "!=": held != wanted}.get(op, False)


def _compared(left: str | float, op: str, right: str | float) -> bool:
    order = (str(left) > str(right)) - (str(left) < str(right)) if isinstance(left, str) else _sign(left, right)
    return {"=": order == 0, "!=": order != 0, ">": order > 0, "<": order < 0, ">=": order >= 0, "<=": order <= 0}[op]


def _sign(left: float, right: str | float) -> int:
    return (left > float(right)) - (left < float(right))


def _value(written: str) -> str | bool | Decimal | datetime | None:
    if text := _TEXT.fullmatch(written):
        return _unescaped(text[1])
    if written.lower() in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[written.lower()]
    try:
        return datetime.fromisoformat(written) if "T" in written else Decimal(written)
    except (ArithmeticError, ValueError):
        raise _malformed(written) from None


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _require(sobject: SObject, name: str) -> None:
    if name not in sobject.fields:
        message = f"No such column '{name}' on entity '{sobject.name}'"
        raise ApiError(400, "INVALID_FIELD", message)


def _malformed(query: str) -> ApiError:
    return ApiError(400, "MALFORMED_QUERY", f"unexpected token: {query[:80]}")
