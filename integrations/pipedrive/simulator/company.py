"""What a Pipedrive company holds."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, field_validator

from integrations.pipedrive.simulator.tokens import TokenState

JsonObject = dict[str, JsonValue]
KINDS = ("deal", "person", "organization", "activity", "note", "callLog")

CUSTOMIZED = ("deal", "person", "organization")
"""Those that have custom fields."""


class FieldChange(BaseModel):
    """That a field of a deal got another value."""

    field_key: str
    old_value: JsonValue
    new_value: JsonValue
    actor_user_id: int
    time: str


class Record(BaseModel):
    """A deal, a person, an organization, an activity, a note or a call log."""

    id: int
    values: JsonObject
    """As the API shows them, without the id and the times."""
    custom_fields: JsonObject = {}
    add_time: AwareDatetime
    update_time: AwareDatetime
    is_deleted: bool = False
    changes: list[FieldChange] = []
    """Of a deal, the oldest first."""
    participants: list[int] = []
    """Of a deal: the persons that were added to it, beside its own."""


class User(BaseModel):
    """A user."""

    id: int
    name: str
    email: str
    active_flag: bool = True


class Stage(BaseModel):
    """A stage of the one pipeline."""

    id: int
    name: str
    order_nr: int
    pipeline_id: int = 1


class CustomField(BaseModel):
    """A custom field of deals, persons or organizations. Its code is a hash that Pipedrive makes."""

    entity: str
    field_code: str
    field_name: str
    field_type: str


class Subscription(BaseModel):
    """A webhook, and how it fares."""

    id: int
    subscription_url: str
    event_action: str
    event_object: str
    name: str
    version: str
    user_id: int
    http_auth_user: str | None = None
    http_auth_password: str | None = None
    failed_first_attempts: int = 0
    """In a row."""
    banned_until: AwareDatetime | None = None
    worked_at: AwareDatetime
    """When it was last taken, or made."""


class Company(BaseModel):
    """A Pipedrive company."""

    company_id: int = 11_000_001
    next_id: int = 100
    records: dict[str, dict[int, Record]] = Field(default_factory=lambda: {kind: dict[int, Record]() for kind in KINDS})
    users: list[User] = []
    stages: list[Stage] = []
    fields: list[CustomField] = []
    subscriptions: list[Subscription] = []
    tokens: TokenState = Field(default_factory=TokenState)
    """Of the app."""

    @field_validator("records")
    @classmethod
    def _has_every_kind(cls, records: dict[str, dict[int, Record]]) -> dict[str, dict[int, Record]]:
        """What was kept by an earlier simulator knows fewer kinds."""
        return {kind: records.get(kind, {}) for kind in KINDS}

    def take_id(self) -> int:
        """A new id; here no two records of any kind have the same."""
        self.next_id += 1
        return self.next_id

    def custom(self, entity: str) -> list[CustomField]:
        """The custom fields of a kind of records."""
        return [one for one in self.fields if one.entity == entity]


def new_company(*, set_up: bool) -> Company:
    """A company with a pipeline and two users; set up, it has our custom field."""
    names = ("Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started")
    company = Company(
        users=[
            User(id=14_000_001, name="Dana Works", email="dana@seller.example"),
            User(id=14_000_002, name="Sam Holt", email="sam@seller.example"),
            User(id=14_000_003, name="Ana Reyes", email="ana@seller.example"),
        ],
        stages=[Stage(id=number, name=name, order_nr=number) for number, name in enumerate(names, 1)],
    )
    if set_up:
        company.fields = [
            CustomField(entity=entity, field_code=f"{number:040x}", field_name="Dealwright key", field_type="varchar")
            for number, entity in enumerate(CUSTOMIZED, 0xDEA1)
        ]
    return company


def moment(at: datetime) -> str:
    """A time as API v2 writes it: whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def exact(at: datetime) -> str:
    """A time as webhooks write their own."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(kind: str, record: Record) -> JsonObject:
    """A record as API v2 shows it."""
    about: JsonObject = {
        "id": record.id, **record.values, "add_time": moment(record.add_time),
        "update_time": moment(record.update_time), "is_deleted": record.is_deleted,
    }  # fmt: skip
    return {**about, "custom_fields": {**record.custom_fields}} if kind in CUSTOMIZED else about
