"""What Pipedrive shows of deals, persons, activities and users, as far as Dealwright reads it (API v2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, JsonValue

T = TypeVar("T")
CustomFields = dict[str, JsonValue]
Number = Annotated[Decimal, BeforeValidator(lambda given: str(given) if isinstance(given, float) else given)]
"""A number as it is written: ``0.1`` is a tenth."""


class DealRecord(BaseModel):
    """A deal."""

    id: int
    title: str | None = None
    stage_id: int | None = None
    status: str = "open"
    """``open``, ``won``, ``lost`` or ``deleted``."""
    lost_reason: str | None = None
    owner_id: int | None = None
    person_id: int | None = None
    org_id: int | None = None
    value: Number | None = None
    """0 where nobody has said any."""
    currency: str | None = None
    expected_close_date: date | None = None
    is_deleted: bool = False
    add_time: AwareDatetime
    update_time: AwareDatetime
    custom_fields: CustomFields = {}


class _Reachable(BaseModel):
    value: str = ""
    primary: bool = False


class ChangeRecord(BaseModel):
    """A change of one field of a deal, as its changelog (v1) has it."""

    field_key: str | None = None
    new_value: JsonValue = None
    actor_user_id: int | None = None


class PersonRecord(BaseModel):
    """A person on the buying side."""

    id: int
    name: str | None = None
    job_title: str | None = None
    emails: list[_Reachable] = []
    phones: list[_Reachable] = []
    add_time: AwareDatetime
    update_time: AwareDatetime

    @property
    def email(self) -> str | None:
        """The address that counts."""
        return _first(self.emails)

    @property
    def phone(self) -> str | None:
        """The number that counts."""
        return _first(self.phones)


class OrganizationRecord(BaseModel):
    """A company that may buy."""

    id: int
    name: str | None = None
    is_deleted: bool = False
    add_time: AwareDatetime
    update_time: AwareDatetime
    custom_fields: CustomFields = {}


class ActivityRecord(BaseModel):
    """An activity: a task, a call, a meeting."""

    id: int
    subject: str | None = None
    done: bool = False
    deal_id: int | None = None
    note: str | None = None
    add_time: AwareDatetime
    update_time: AwareDatetime


class NoteRecord(BaseModel):
    """A note, or a call log: what has a text."""

    id: int | str
    content: str | None = None
    note: str | None = None

    @property
    def text(self) -> str:
        """What it says."""
        return self.content or self.note or ""


class UserRecord(BaseModel):
    """A user."""

    id: int
    name: str
    email: str
    active_flag: bool = True


class FieldRecord(BaseModel):
    """A field of deals, persons or organizations."""

    field_code: str
    field_name: str


class StageRecord(BaseModel):
    """A stage of a pipeline."""

    id: int
    name: str
    pipeline_id: int


class WebhookRecord(BaseModel):
    """A subscription."""

    id: int
    subscription_url: str
    event_action: str
    event_object: str
    version: str | None = None


class IdOnly(BaseModel):
    """What was found or made."""

    id: int | str


class Enveloped(BaseModel, Generic[T]):
    """Pipedrive's answer around what was asked for."""

    data: T


class _Additional(BaseModel):
    next_cursor: str | None = None


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    data: list[T] | None = None
    additional_data: _Additional | None = None

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins, if there is one."""
        return self.additional_data.next_cursor if self.additional_data else None


def text_of(fields: Mapping[str, JsonValue], code: str) -> str:
    """The text of a custom field; webhooks write it with its type, the API without."""
    value = fields.get(code)
    found = value.get("value") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _first(given: list[_Reachable]) -> str | None:
    there = sorted((one for one in given if one.value), key=lambda one: not one.primary)
    return there[0].value if there else None
