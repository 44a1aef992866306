"""HubSpot's events in one form, whether a webhook brought them (of either kind of subscription) or the journal.

The form is that of the older webhooks: ``subscriptionType`` (``deal.creation``, ``contact.propertyChange``,
``task.propertyChange``), ``objectId``, ``occurredAt`` (ms), and what the event had besides. ``fetch`` says what has to
be looked up before it can be read; ``said`` in it is what somebody said of the forecast, and is asked whose word it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from integrations.kit.own_fields import OwnField, told_of

JsonObject = dict[str, JsonValue]
_KINDS = {"0-1": "contact", "0-2": "company", "0-3": "deal", "0-27": "task"}
_ACTIONS = {"CREATE": "creation", "UPDATE": "propertyChange", "DELETE": "deletion", "RESTORE": "restore"}
CONTACT_PROPERTIES = ("firstname", "lastname", "email", "phone", "jobtitle", "country", "hs_timezone")
COMPANY_PROPERTIES = ("name", "domain")
FORECAST_PROPERTIES = ("closedate", "hs_manual_forecast_category", "hs_forecast_category")
"""What somebody says of when a deal closes, and how sure that is: it counts with who said so."""
_USER = "userId:"
"""Before the id of the user in ``sourceId`` of what a user changed (HubSpot's changelog, 26 April 2021)."""
DONE = "COMPLETED"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def of_webhook(event: JsonValue) -> Iterator[JsonObject]:
    """The changes that one event of a webhook tells; what is no event is passed through as it is."""
    if not isinstance(event, dict):
        return
    name, _, change = str(event.get("subscriptionType", "")).partition(".")
    kind = _KINDS.get(str(event.get("objectTypeId")), "") if name == "object" else name
    # How often it was tried to be sent tells nothing of what happened.
    told: JsonObject = {key: value for key, value in event.items() if key != "attemptNumber"}
    told["subscriptionType"] = f"{kind}.{change}"
    merged = event.get("mergedObjectIds")
    if change == "merge" and isinstance(merged, list):
        told |= {"objectId": event.get("primaryObjectId"), "merged": [f"{kind}:{gone}" for gone in merged]}
    yield told | _to_fetch(told)


def of_journal(event: JsonValue) -> Iterator[JsonObject]:
    """The changes that one event of the journal tells: one for each property."""
    if not isinstance(event, dict):
        return
    kind, change = _KINDS.get(str(event.get("objectTypeId")), ""), _ACTIONS.get(str(event.get("action")), "")
    at = (datetime.fromisoformat(str(event.get("occurredAt"))) - _EPOCH) // timedelta(milliseconds=1)
    told: JsonObject = {
        "subscriptionType": f"{kind}.{change}", "objectId": event.get("objectId"), "portalId": event.get("portalId"),
        "occurredAt": at,
    }  # fmt: skip
    if change != "propertyChange":
        yield told | _to_fetch(told)
    changed = event.get("propertyChanges")
    for name, value in changed.items() if isinstance(changed, dict) else ():
        one = {**told, "subscriptionType": f"{kind}.propertyChange", "propertyName": name, "propertyValue": value}
        yield one | _to_fetch(one)


def with_own_fields(change: JsonObject, fields: Mapping[str, OwnField], currency: str) -> JsonObject:
    """A change, with what it tells of fields that the playbook declares."""
    if change["subscriptionType"] != "deal.propertyChange":
        return change
    return change | told_of(fields, str(change.get("propertyName")), change.get("propertyValue"), currency)


def _to_fetch(told: JsonObject) -> JsonObject:
    """What has to be looked up first: an event tells ids, and one property at a time."""
    id_, name, value = told.get("objectId"), told.get("propertyName"), told.get("propertyValue")
    match str(told["subscriptionType"]).split(".", 1):
        case ["deal", "creation"]:
            return {"fetch": {"deal": id_}}
        case ["deal", "propertyChange"] if name == "hubspot_owner_id" and value:
            return {"fetch": {"owner": value}}
        case ["deal", "associationChange"] if told.get("associationType") == "DEAL_TO_CONTACT":
            return {"fetch": {"contact": told.get("toObjectId"), "deal": id_}}
        case ["deal", "associationChange"] if _is_new(told, "DEAL_TO_COMPANY"):
            return {"fetch": {"company": told.get("toObjectId"), "deal": id_}}
        case ["company", "propertyChange"] if name in COMPANY_PROPERTIES:
            return {"fetch": {"company": id_}}
        case ["contact", "propertyChange"] if name in CONTACT_PROPERTIES:
            return {"fetch": {"contact": id_}}
        case ["task", "propertyChange"] if name == "hs_task_status" and value == DONE:
            return {"fetch": {"task": id_, "user": _user_in(told)}}
        case ["deal", "propertyChange"] if name in FORECAST_PROPERTIES:
            day: JsonObject = {"day": day_of(str(value))} if name == "closedate" and value else {}
            return {**day, "fetch": {"said": _said(told)}}
        case _:
            return {}


def _said(told: JsonObject) -> JsonObject:
    """A change of which is asked who made it; ``user`` where the event itself names one. The journal names nobody."""
    return {"deal": told.get("objectId"), "property": told.get("propertyName"), "at": told.get("occurredAt"),
            "user": _user_in(told)}  # fmt: skip


def _user_in(told: JsonObject) -> str | None:
    told_by = str(told.get("sourceId") or "")
    return told_by.removeprefix(_USER) if told_by.startswith(_USER) else None


def _is_new(told: JsonObject, association: str) -> bool:
    return told.get("associationType") == association and told.get("associationRemoved") is not True


def day_of(value: str) -> str | None:
    """The day of a time that is written in milliseconds, or as ISO 8601; None where it is neither."""
    try:
        at = datetime.fromtimestamp(int(value) / 1000, UTC) if value.isdecimal() else datetime.fromisoformat(value)
        return at.astimezone(UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
