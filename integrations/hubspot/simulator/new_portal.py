"""A new HubSpot account: the properties, the pipeline and the people that it begins with."""

from __future__ import annotations

from integrations.hubspot.own_key import KEY
from integrations.hubspot.simulator.portal import OBJECT_TYPES, Owner, Pipeline, Portal, Property, Stage

_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
_TEXT = {
    "contacts": ["firstname", "lastname", "phone", "jobtitle", "company", "lifecyclestage", "hs_timezone", "country"],
    "companies": ["name", "domain"],
    "deals": ["dealname", "description", "deal_currency_code", "closed_lost_reason", "closed_won_reason"],
    "tasks": ["hs_task_subject", "hs_task_body"],
    "notes": ["hs_note_body"],
    "meetings": ["hs_meeting_title", "hs_meeting_body", "hs_meeting_outcome"],
    "calls": ["hs_call_title", "hs_call_body", "hs_call_disposition", "hs_call_duration"],
    "emails": ["hs_email_subject", "hs_email_text", "hs_email_html", "hs_email_headers"],
}
_CHOICES = {
    "deals": {"hs_manual_forecast_category": ["OMIT", "PIPELINE", "BEST_CASE", "COMMIT", "CLOSED"]},
    "tasks": {
        "hs_task_type": ["TODO", "CALL", "EMAIL"],
        "hs_task_status": ["NOT_STARTED", "IN_PROGRESS", "COMPLETED", "WAITING", "DEFERRED"],
        "hs_task_priority": ["NONE", "LOW", "MEDIUM", "HIGH"],
    },
    "calls": {
        "hs_call_direction": ["INBOUND", "OUTBOUND"],
        "hs_call_status": ["COMPLETED", "NO_ANSWER", "BUSY", "FAILED", "MISSED", "CANCELED"],
    },
    "emails": {
        "hs_email_direction": ["EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"],
        "hs_email_status": ["SENT", "BOUNCED", "FAILED", "SCHEDULED", "SENDING"],
    },
}
_READ_ONLY = ("hs_object_id", "hs_object_source", "hs_object_source_id", "hs_object_source_label")
_TIMES = ("createdate", "hs_createdate", "hs_lastmodifieddate", "lastmodifieddate")


def new_portal(portal_id: int, *, set_up: bool) -> Portal:
    """An account with the default pipeline and two users; set up, it has our unique property."""
    ours = [Property(name=KEY, unique=True)] if set_up else []
    return Portal(
        portal_id=portal_id,
        properties={kind: {one.name: one for one in [*_properties(kind), *ours]} for kind in OBJECT_TYPES},
        pipelines=[
            Pipeline(
                id="default",
                label="Sales Pipeline",
                stages=[Stage(id=id_, label=label, probability=chance) for id_, label, chance in _STAGES],
            )
        ],
        owners=[
            Owner(id="810000001", email="sam@seller.example", first_name="Sam", last_name="Holt", user_id=70000001),
            Owner(id="810000002", email="ana@seller.example", first_name="Ana", last_name="Reyes", user_id=70000002),
        ],
    )


def _properties(kind: str) -> list[Property]:
    found = [Property(name=name, read_only=True) for name in _READ_ONLY]
    found += [Property(name=name, type="datetime", read_only=True) for name in _TIMES]
    found += [Property(name=name) for name in _TEXT[kind]]
    found += [
        Property(name=name, type="enumeration", options=options) for name, options in _CHOICES.get(kind, {}).items()
    ]
    found.append(Property(name="hubspot_owner_id", type="enumeration"))
    if kind in {"tasks", "notes", "meetings", "calls", "emails"}:
        found.append(Property(name="hs_timestamp", type="datetime"))
    if kind == "contacts":
        found.append(Property(name="email", unique=True))
    if kind == "deals":
        found += [Property(name="amount", type="number"), Property(name="closedate", type="datetime")]
        found += [Property(name="dealstage", type="enumeration"), Property(name="pipeline", type="enumeration")]
    return found
