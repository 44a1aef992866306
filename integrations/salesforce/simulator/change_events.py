"""Change events in the JSON form that a client of the Pub/Sub API has after it decoded them.

The shapes follow recorded events: dates are milliseconds, ``changedFields`` are names, compound names are nested.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from integrations.salesforce.simulator.org import Change, Org

_SYSTEM_FIELDS = {"Id", "IsDeleted", "SystemModstamp"}


def change_event(org: Org, change: Change) -> dict[str, JsonValue]:
    """The event of a change. An update has the changed fields only, a deletion none."""
    record = org.state.tables[change.sobject][change.record]
    changed = [*change.changed, "LastModifiedDate"] if change.kind == "UPDATE" else []
    whole = set(record) - _SYSTEM_FIELDS
    shown = {"CREATE": whole, "UPDATE": {*changed}, "DELETE": set(), "UNDELETE": whole}[change.kind]
    header: dict[str, JsonValue] = {
        "entityName": change.sobject,
        "recordIds": [change.record],
        "changeType": change.kind,
        "changeOrigin": change.author.origin,
        "transactionKey": f"{change.number:08x}-0000-0000-0000-000000000000",
        "sequenceNumber": 1,
        "commitTimestamp": _milliseconds(change.at),
        "commitNumber": 1_082_985_383_811 + change.number,
        "commitUser": change.author.user,
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [*changed],
    }
    return {"ChangeEventHeader": header, **{name: _encoded(name, record.get(name)) for name in sorted(shown)}}


def gap_event(org: Org, sobject: str, records: list[str], kind: str, at: datetime) -> dict[str, JsonValue]:
    """What comes in the place of events that Salesforce could not make: ``GAP_UPDATE``, or ``GAP_OVERFLOW``."""
    header: dict[str, JsonValue] = {
        "entityName": sobject,
        "recordIds": [*records],
        "changeType": kind,
        "changeOrigin": "",
        "transactionKey": f"gap-{len(org.state.changes):08x}",
        "sequenceNumber": 1,
        "commitTimestamp": _milliseconds(at),
        "commitUser": "",
        "changedFields": [],
    }
    return {"ChangeEventHeader": header}


def _encoded(name: str, value: JsonValue) -> JsonValue:
    if name.endswith("Date") and isinstance(value, str):
        return _milliseconds(datetime.fromisoformat(value if "T" in value else f"{value}T00:00:00+00:00"))
    return value


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
