"""The objects of the simulated org, and what Salesforce requires of their fields.

The custom fields are those that docs/integrations/salesforce.md has made in a real org.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FieldType = Literal["text", "id", "number", "date", "datetime", "flag", "picklist"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an object."""

    type: FieldType = "text"
    required: bool = False
    writable: bool = True
    external_id: bool = False
    unique: bool = False
    longest: int = 255
    to: tuple[str, ...] = ()
    """For an id: prefixes of the records that it may lead to."""
    values: tuple[str, ...] = ()
    """For a picklist: its values."""
    default: str | bool | None = None


@dataclass(frozen=True)
class SObject:
    """One object (Salesforce's word for a table)."""

    name: str
    prefix: str
    """The first three characters of its records' ids."""
    fields: dict[str, Field]


STAGES = (
    "Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Proposal/Price Quote", "Negotiation/Review",
    "Closed Won", "Closed Lost",
)  # fmt: skip
FORECASTS = ("Omitted", "Pipeline", "Best Case", "Most Likely", "Commit", "Closed")
FORECAST_OF_STAGE = {"Closed Won": "Closed", "Closed Lost": "Omitted", "Negotiation/Review": "Commit"}
"""The forecast category that comes with a stage, where it is not ``Pipeline``."""
TASK_STATUSES = ("Not Started", "In Progress", "Completed", "Voicemail", "Waiting on someone else", "Deferred")
CLOSED_STATUSES = ("Completed", "Voicemail")
"""Those that the org counts as closed: one that Salesforce ships, and one of its own."""

_SYSTEM = {
    "Id": Field(type="id", writable=False),
    "IsDeleted": Field(type="flag", writable=False, default=False),
    "CreatedById": Field(type="id", writable=False),
    "CreatedDate": Field(type="datetime", writable=False),
    "LastModifiedDate": Field(type="datetime", writable=False),
    "LastModifiedById": Field(type="id", writable=False),
    "SystemModstamp": Field(type="datetime", writable=False),
}
_KEY = Field(external_id=True, unique=True)

OBJECTS: dict[str, SObject] = {
    one.name: SObject(one.name, one.prefix, {**_SYSTEM, **one.fields})
    for one in (
        SObject(
            "User",
            "005",
            {
                "Name": Field(required=True),
                "Email": Field(required=True, longest=80),
                "IsActive": Field(type="flag", default=True),
            },
        ),
        SObject(
            "Account",
            "001",
            {
                "Name": Field(required=True),
                "Website": Field(),
                "OwnerId": Field(type="id", to=("005",)),
                "Dealwright_Account__c": _KEY,
            },
        ),
        SObject(
            "Contact",
            "003",
            {
                "FirstName": Field(longest=40),
                "LastName": Field(required=True, longest=80),
                "Name": Field(writable=False),
                "Email": Field(longest=80),
                "Phone": Field(longest=40),
                "Title": Field(longest=128),
                "AccountId": Field(type="id", to=("001",)),
                "OwnerId": Field(type="id", to=("005",)),
                "Dealwright_Contact__c": _KEY,
            },
        ),
        SObject(
            "Opportunity",
            "006",
            {
                "Name": Field(required=True, longest=120),
                "StageName": Field(type="picklist", required=True, values=STAGES),
                "ForecastCategoryName": Field(type="picklist", values=FORECASTS),
                "CloseDate": Field(type="date", required=True),
                "Amount": Field(type="number"),
                "Description": Field(longest=32_000),
                "LossReason__c": Field(),
                "Seats__c": Field(type="number"),
                "Trial_Ends__c": Field(type="date"),
                "Segment__c": Field(type="picklist", values=("Small Business", "Enterprise")),
                "AccountId": Field(type="id", to=("001",)),
                "OwnerId": Field(type="id", to=("005",)),
                "RecordTypeId": Field(type="id", to=("012",)),
                "IsClosed": Field(type="flag", writable=False, default=False),
                "IsWon": Field(type="flag", writable=False, default=False),
                "Dealwright_Deal__c": _KEY,
            },
        ),
        SObject(
            "OpportunityContactRole",
            "00K",
            {
                "OpportunityId": Field(type="id", required=True, to=("006",)),
                "ContactId": Field(type="id", required=True, to=("003",)),
                "Role": Field(longest=40),
                "IsPrimary": Field(type="flag", default=False),
            },
        ),
        SObject(
            "Task",
            "00T",
            {
                "Subject": Field(),
                "Status": Field(type="picklist", values=TASK_STATUSES, default="Not Started"),
                "Priority": Field(type="picklist", values=("High", "Normal", "Low"), default="Normal"),
                "ActivityDate": Field(type="date"),
                "Description": Field(longest=32_000),
                "CallDisposition": Field(),
                "TaskSubtype": Field(type="picklist", values=("Task", "Email", "Call"), default="Task"),
                "WhatId": Field(type="id", to=("006", "001")),
                "WhoId": Field(type="id", to=("003",)),
                "OwnerId": Field(type="id", to=("005",)),
                "IsClosed": Field(type="flag", writable=False, default=False),
                "CompletedDateTime": Field(type="datetime", writable=False),
                "Dealwright_Effect__c": _KEY,
            },
        ),
    )
}


@dataclass
class ApiError(Exception):
    """An error as Salesforce answers it: ``[{message, errorCode, fields}]``."""

    status: int
    code: str
    message: str
    fields: list[str] = field(default_factory=list)

    def entry(self) -> dict[str, object]:
        """One entry of the list that an error's body is."""
        return {"message": self.message, "errorCode": self.code, "fields": self.fields}


def not_found() -> ApiError:
    """There is no such record, object or address."""
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")
