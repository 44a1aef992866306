"""What a simulated DocuSign account holds."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

JsonObject = dict[str, JsonValue]
DEFAULT_EXPIRY = timedelta(days=120)


def new_id() -> str:
    """An id as DocuSign makes them: a GUID."""
    return str(uuid.uuid4())


def time(at: datetime | None) -> str | None:
    """A time as DocuSign writes it, with seven digits."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z"


class Template(BaseModel):
    """A template: its roles, and the labels of the text fields of each."""

    id: str
    roles: dict[str, list[str]]
    subject: str = "Please sign"


class Signer(BaseModel):
    """Somebody who is to sign."""

    recipient_id: str
    guid: str
    name: str
    email: str
    role: str
    status: str = "created"
    delivered: AwareDatetime | None = None
    signed: AwareDatetime | None = None
    declined: AwareDatetime | None = None
    declined_reason: str | None = None
    tabs: dict[str, str] = {}

    def shown(self, *, tabs: bool = False) -> JsonObject:
        """As the API shows them."""
        said: JsonObject = {
            "recipientId": self.recipient_id, "recipientIdGuid": self.guid, "name": self.name, "email": self.email,
            "roleName": self.role, "status": self.status, "routingOrder": "1", "recipientType": "signer",
            "deliveredDateTime": time(self.delivered), "signedDateTime": time(self.signed),
            "declinedDateTime": time(self.declined), "declinedReason": self.declined_reason,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        text: list[JsonValue] = [
            {"tabLabel": label, "value": value, "tabId": label} for label, value in self.tabs.items()
        ]
        return {**said, "tabs": {"textTabs": text}} if tabs else said


class Envelope(BaseModel):
    """An envelope."""

    id: str
    template: str
    subject: str
    status: str = "created"
    created: AwareDatetime
    changed: AwareDatetime
    sent: AwareDatetime | None = None
    delivered: AwareDatetime | None = None
    completed: AwareDatetime | None = None
    declined: AwareDatetime | None = None
    voided: AwareDatetime | None = None
    voided_reason: str | None = None
    expires_after: timedelta = DEFAULT_EXPIRY
    reminds: bool = True
    transaction_id: str | None = None
    custom_fields: dict[str, str] = {}
    signers: list[Signer] = []
    documents: dict[str, str] = {}
    """By number, the name of each."""
    sendings: int = 0
    """How often its signers got it."""

    def shown(self, include: frozenset[str] = frozenset()) -> JsonObject:
        """As lists and events show it; custom fields and recipients only where they are asked for."""
        expires = self.sent + self.expires_after if self.sent else None
        said: JsonObject = {
            "envelopeId": self.id, "status": self.status, "emailSubject": self.subject, "allowReassign": "true",
            "createdDateTime": time(self.created), "statusChangedDateTime": time(self.changed),
            "sentDateTime": time(self.sent), "initialSentDateTime": time(self.sent),
            "deliveredDateTime": time(self.delivered), "completedDateTime": time(self.completed),
            "declinedDateTime": time(self.declined), "voidedDateTime": time(self.voided),
            "voidedReason": self.voided_reason, "expireDateTime": time(expires), "expireEnabled": "true",
            "expireAfter": str(self.expires_after.days),
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        if "custom_fields" in include:
            fields: list[JsonValue] = [
                {"fieldId": str(number), "name": name, "value": value, "show": "false", "required": "false"}
                for number, (name, value) in enumerate(self.custom_fields.items(), start=1)
            ]
            said["customFields"] = {"textCustomFields": fields, "listCustomFields": []}
        if "recipients" in include:
            said["recipients"] = {
                "signers": [one.shown(tabs="tabs" in include) for one in self.signers], "carbonCopies": [],
                "recipientCount": str(len(self.signers)),
            }  # fmt: skip
        return said


class EventData(BaseModel):
    """In which form Connect tells."""

    model_config = ConfigDict(extra="forbid")

    version: str
    format: str
    includeData: list[str] = []  # noqa: N815 - DocuSign's own name


class Configuration(BaseModel):
    """A Connect configuration, by DocuSign's own names; flags are texts."""

    model_config = ConfigDict(extra="forbid")

    connectId: str = ""  # noqa: N815
    configurationType: str = "custom"  # noqa: N815
    name: str = ""
    urlToPublishTo: str  # noqa: N815
    allUsers: str = "true"  # noqa: N815
    allowEnvelopePublish: str = "true"  # noqa: N815
    enableLog: str = "false"  # noqa: N815
    requiresAcknowledgement: str = "false"  # noqa: N815
    includeHMAC: str = "false"  # noqa: N815
    deliveryMode: str = "SIM"  # noqa: N815
    events: list[str] = []
    eventData: EventData  # noqa: N815


class Token(BaseModel):
    """An access token, and until when it is good."""

    value: str
    until: AwareDatetime


class Account(BaseModel):
    """An account, its one user, and the app that stands for them."""

    private_key: str = ""
    consented: bool = True
    templates: dict[str, Template]
    envelopes: dict[str, Envelope] = {}
    configurations: dict[str, Configuration] = {}
    tokens: list[Token] = []
