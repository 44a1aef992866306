"""What Pipedrive tells of its records in one form, whether a webhook brought it or a poll shows it.

A change has ``kind`` (``deal.created``, ``deal.changed``, ``deal.deleted``, ``deal.merged``, ``person.changed``,
``organization.changed``, ``activity.done``), ``object`` (its id), ``uid`` (what tells it from every other), ``at``, and
for one field of a deal ``field`` and ``value``. ``source`` and ``by`` say who made it, where a webhook says so.
``fetch`` says what has to be looked up before it can be read, ``holds`` what the record holds now, as it is mirrored,
``polled`` that a poll found it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from integrations.kit.own_fields import OwnField, told_of
from integrations.kit.task_outcomes import OutcomeWords
from integrations.pipedrive.marks import mark_in
from integrations.pipedrive.records import ActivityRecord, DealRecord, OrganizationRecord, PersonRecord, text_of
from integrations.pipedrive.settings import PipedriveConnection

JsonObject = dict[str, JsonValue]
_FOLLOWED = frozenset({"deal", "person", "organization", "activity"})
CLOSES = "expected_close_date"
"""The field of a deal that counts with who gave it its value."""
OWN = "own:"
"""Before the API key of a custom field of deals that holds a field of the playbook, among the values that are
followed."""
_OF_FIELD = {
    "title": "title", "stage_id": "stage_id", "status": "status", "lost_reason": "status", "owner_id": "owner_id",
    "value": "value", "currency": "value", "expected_close_date": "expected_close_date", "person_id": "person_id",
    "org_id": "org_id",
}  # fmt: skip
"""Pipedrive's fields of a deal that are followed, each with the value that it is part of."""


class Meta(BaseModel):
    """What a webhook (version 2) says of itself."""

    id: int | str
    action: str
    entity: str
    entity_id: int | str
    timestamp: AwareDatetime
    change_source: str | None = None
    user_id: int | str | None = None
    merged_to_id: int | str | None = None


class _Numbered(Meta):
    """The same of a record whose id is a number, as those are that are followed."""

    entity_id: int
    merged_to_id: int | None = None


class WebhookBody(BaseModel):
    """A webhook (version 2)."""

    meta: Meta
    record: JsonObject | None = Field(alias="data", default=None)
    previous: JsonObject | None = None


def followed(deal: DealRecord) -> JsonObject:
    """The values of a deal that are followed, as they are mirrored. An amount of 0 is none."""
    has_amount = bool(deal.value)
    return {
        "title": deal.title or "",
        "stage_id": deal.stage_id,
        "status": deal.status,
        "owner_id": deal.owner_id,
        "value": f"{deal.value.normalize():f} {deal.currency}" if has_amount and deal.value is not None else "",
        "expected_close_date": deal.expected_close_date.isoformat() if deal.expected_close_date else "",
        "person_id": deal.person_id,
        "org_id": deal.org_id,
    }


def own_values(deal: DealRecord, fields: Mapping[str, OwnField]) -> JsonObject:
    """The values of a deal's custom fields that the playbook declares, as they are mirrored."""
    return {f"{OWN}{one.field}": _as_mirrored(deal.custom_fields.get(one.field)) for one in fields.values()}


def _as_mirrored(value: JsonValue) -> JsonValue:
    """A value of a custom field, the same from a webhook, which writes it with its type, and from the API."""
    if not isinstance(value, dict):
        return value if value != "" else None
    held = value.get("value", value.get("id"))
    return {"value": held, "currency": value["currency"]} if value.get("currency") and held is not None else held


def person_values(person: PersonRecord) -> JsonObject:
    """The values of a person that are followed, as they are mirrored."""
    return {"name": person.name or "", "email": person.email or "", "phone": person.phone or ""}


def organization_values(organization: OrganizationRecord, website: str | None) -> JsonObject:
    """The values of an organization that are followed, as they are mirrored. ``website`` is the field for its own."""
    return {
        "name": organization.name or "",
        "website": text_of(organization.custom_fields, website) if website else "",
    }


def of_webhook(body: WebhookBody, connection: PipedriveConnection | None = None) -> Iterator[JsonObject]:
    """The changes that a webhook tells; none of what is not followed. Without a connection no custom fields are known.

    Raises:
        ValidationError: a record is not what Pipedrive sends.
    """
    if body.meta.entity not in _FOLLOWED:
        return
    meta, previous = _Numbered.model_validate(body.meta.model_dump()), body.previous or {}
    website = connection.website_field if connection else None
    own, outcomes = (connection.fields, connection.outcome_words) if connection else ({}, OutcomeWords())
    told: JsonObject = {
        "object": meta.entity_id,
        # An id is of one event, but for edits of many records at once, which share one.
        "uid": f"{meta.id}-{meta.entity_id}-{meta.timestamp.isoformat()}",
        "at": meta.timestamp.isoformat(), "source": meta.change_source, "by": _number(meta.user_id),
    }  # fmt: skip
    match meta.entity, meta.action:
        case "deal", "create" if body.record is not None:
            yield created(DealRecord.model_validate(body.record), own)
        case "deal", "change" if body.record is not None:
            deal = DealRecord.model_validate(body.record)
            fields = dict.fromkeys(_OF_FIELD[name] for name in previous if name in _OF_FIELD)
            yield from changed_fields(told, deal, {name: followed(deal)[name] for name in fields}, own)
            held, custom = own_values(deal, own), previous.get("custom_fields")
            named = {name: held[name] for name in held if isinstance(custom, dict) and name.removeprefix(OWN) in custom}
            yield from changed_fields(told, deal, named, own)
        case "deal", "delete" if meta.merged_to_id:
            merged: JsonObject = {
                "kind": "deal.merged",
                "object": meta.merged_to_id,
                "merged": meta.entity_id,
            }
            yield {**told, **merged}
        case "deal", "delete":
            yield deleted(meta.entity_id, meta.timestamp)
        case "person", "change" if body.record is not None and previous.keys() & {"name", "emails", "phones"}:
            yield changed_person(told, PersonRecord.model_validate(body.record))
        case "organization", "change" if body.record is not None and _is_of_account(previous, website):
            yield changed_organization(told, OrganizationRecord.model_validate(body.record), website)
        case "activity", "change" if "done" in previous and body.record is not None:
            yield from done(told, ActivityRecord.model_validate(body.record), outcomes)


def created(deal: DealRecord, own: Mapping[str, OwnField]) -> JsonObject:
    """That there is a deal."""
    at = deal.add_time.replace(microsecond=0).isoformat()  # as the API tells it, which has whole seconds
    about: JsonObject = {"kind": "deal.created", "object": deal.id, "uid": f"deal.created.{deal.id}", "at": at}
    return {**about, "fetch": {"deal": deal.id}, "holds": {**followed(deal), **own_values(deal, own)}}


def deleted(id_: int, at: datetime) -> JsonObject:
    """That there is a deal no longer."""
    uid = f"deal.deleted.{id_}.{at.isoformat()}"
    return {"kind": "deal.deleted", "object": id_, "uid": uid, "at": at.isoformat(), "holds": {"deleted": True}}


def changed_person(told: JsonObject, person: PersonRecord) -> JsonObject:
    """The change of a person, who is looked up with their deals."""
    return {**told, "kind": "person.changed", "fetch": {"person": person.id}, "holds": person_values(person)}


def changed_organization(told: JsonObject, there: OrganizationRecord, website: str | None) -> JsonObject:
    """The change of an organization, which is looked up with its deals."""
    about: JsonObject = {"kind": "organization.changed", "fetch": {"organization": there.id}}
    return {**told, **about, "holds": organization_values(there, website)}


def done(told: JsonObject, activity: ActivityRecord, outcomes: OutcomeWords) -> Iterator[JsonObject]:
    """That an activity is done, if it may be one of ours, with how its note says that it ended."""
    if (mark := mark_in(activity.note)) and activity.done:
        about: JsonObject = {
            "kind": "activity.done", "mark": mark, "deal": activity.deal_id, "holds": {"done": True},
            "outcome": outcomes.in_note(activity.note),
        }  # fmt: skip
        yield {**told, **about, **({"fetch": {"user": told["by"]}} if told.get("by") else {})}


def changed_fields(
    told: JsonObject, deal: DealRecord, values: Mapping[str, JsonValue], own: Mapping[str, OwnField]
) -> Iterator[JsonObject]:
    """The changes of a deal's fields. What a field holds by now is asked before anything is made of one."""
    for name, value in values.items():
        change: JsonObject = {
            **told, "kind": "deal.changed", "uid": f"{told['uid']}.{name}", "field": name, "value": value,
            "fetch": {"deal": deal.id, "field": name, "value": value}, "holds": {name: value},
        }  # fmt: skip
        if name == CLOSES:
            change["fetch"] = {"deal": deal.id, "field": name, "value": value, "by": told.get("by")}
        if name.startswith(OWN):
            change |= told_of(own, name.removeprefix(OWN), value)
        if name == "status":
            change |= {"reason": deal.lost_reason, "stage_id": deal.stage_id}
        if name == "value" and value:
            change |= {"amount": {"amount": f"{deal.value:f}", "currency": deal.currency}}
        yield change


def _is_of_account(previous: JsonObject, website: str | None) -> bool:
    custom = previous.get("custom_fields")
    return "name" in previous or (isinstance(custom, dict) and website in custom)


def _number(value: int | str | None) -> int | None:
    return int(value) if value is not None and str(value).isdecimal() else None
