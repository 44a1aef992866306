"""What a simulated PandaDoc workspace holds."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, JsonValue

JsonObject = dict[str, JsonValue]
NUMBERS = {
    "document.draft": 0, "document.sent": 1, "document.completed": 2, "document.uploaded": 3, "document.error": 4,
    "document.viewed": 5, "document.voided": 11, "document.declined": 12,
}  # fmt: skip
"""The numbers that lists filter statuses by."""


def new_id() -> str:
    """An id as PandaDoc makes them: 22 letters and digits."""
    return uuid.uuid4().hex[:22]


class Recipient(BaseModel):
    """Who gets a document."""

    email: str
    first_name: str = ""
    last_name: str = ""
    role: str = ""
    has_completed: bool = False

    def shown(self) -> JsonObject:
        """As webhooks show them."""
        return {**self.model_dump(), "type": "recipient", "recipient_type": "SIGNER"}


class Done(BaseModel):
    """An entry of a document's audit trail."""

    id: str
    email: str
    action: int
    at: AwareDatetime

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return {
            "id": self.id, "user": {"id": self.email, "email": self.email}, "action": self.action, "reason": None,
            "date_created": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"), "ip_address": "203.0.113.7",
        }  # fmt: skip


class Document(BaseModel):
    """A document."""

    id: str
    name: str
    template: str
    status: str = "document.uploaded"
    created: AwareDatetime
    modified: AwareDatetime
    expires: AwareDatetime | None = None
    recipients: list[Recipient]
    tokens: dict[str, str] = {}
    metadata: dict[str, str] = {}
    tags: list[str] = []
    attachments: dict[str, str] = {}
    """By name, the id of each file."""
    looks: int = 0
    """How often somebody has looked for it since it was asked for."""
    total: str = "0.00"
    """What its pricing table comes to."""
    sendings: int = 0
    """How often its recipients got it."""
    trail: list[Done] = []

    def add(self, action: int, email: str, at: datetime) -> None:
        """Somebody did something."""
        self.trail.append(Done(id=new_id(), email=email, action=action, at=at))

    def listed(self) -> JsonObject:
        """As lists show it."""
        return {
            "id": self.id, "name": self.name, "status": self.status, "date_created": _time(self.created),
            "date_modified": _time(self.modified), "expiration_date": _time(self.expires), "version": "2",
        }  # fmt: skip

    def told(self, payload: list[str]) -> JsonObject:
        """As webhooks show it: metadata and tokens only where the subscription asks for them."""
        said: JsonObject = {
            **self.listed(), "tags": list(self.tags), "recipients": [one.shown() for one in self.recipients],
            "grand_total": {"amount": self.total, "currency": "EUR"}, "template": {"id": self.template, "name": ""},
            "linked_objects": [],
        }  # fmt: skip
        tokens: list[JsonValue] = [{"name": name, "value": value} for name, value in self.tokens.items()]
        more: JsonObject = {"metadata": {**self.metadata}, "tokens": tokens}
        return {**said, **{name: value for name, value in more.items() if name in payload}}


class Subscription(BaseModel):
    """Where webhooks go."""

    uuid: str
    name: str = "Dealwright"
    url: str
    active: bool = True
    status: str = "ACTIVE"
    triggers: list[str]
    payload: list[str]
    shared_key: str


class Logged(BaseModel):
    """An event that was meant to be told."""

    uuid: str
    type: str
    event_time: AwareDatetime
    request_body: str


class Workspace(BaseModel):
    """A workspace."""

    templates: list[str]
    """The ids of the templates that there are."""
    documents: dict[str, Document] = {}
    subscriptions: dict[str, Subscription] = {}
    log: list[Logged] = []
    members: list[str] = ["rep@seller.example"]
    """Our own people; the first one has the key."""
    administrator: bool = True
    """Whether the key is that of an administrator."""


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
