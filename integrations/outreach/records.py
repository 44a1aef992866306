"""Outreach's records, as far as they are read: prospects, sequence states, mailings, tasks, webhooks.

Named as in its OpenAPI description (https://api.outreach.io/api/v2/schema/openapi.json). Relationships of webhooks may
stand without ``data`` around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field

_A = TypeVar("_A", bound=BaseModel)
OVER = frozenset({"finished", "bounced", "opted_out"})
"""Of a sequence state: nothing is sent any more, and nobody has to finish it."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class _Named(_Model):
    id: int | str | None = None


class _Related(_Model):
    data: _Named | list[_Named] | None = None
    id: int | str | None = None
    """Where it stands without ``data``, as in webhooks."""

    @property
    def one(self) -> str | None:
        """The id of the one that it leads to."""
        found = self.data.id if isinstance(self.data, _Named) else self.id
        return None if found is None else str(found)


class Record(_Model, Generic[_A]):
    """A resource object of JSON:API."""

    type: str
    id: int | str
    attributes: _A
    relationships: dict[str, _Related] = {}

    @property
    def key(self) -> str:
        """Its id as text."""
        return str(self.id)

    def related(self, name: str) -> str | None:
        """The id of what a relationship leads to."""
        return _related(self.relationships, name)


def _related(relationships: Mapping[str, _Related], name: str) -> str | None:
    """The id of what a relationship leads to; None where it is not said."""
    return relationships[name].one if name in relationships else None


class Hint(_Model):
    """What a webhook says changed."""

    type: str
    id: int | str
    event: str | None = None
    relationships: dict[str, _Related] | None = None

    @property
    def key(self) -> str:
        """Its id as text."""
        return str(self.id)

    def related(self, name: str) -> str | None:
        """The id of what a relationship leads to."""
        return _related(self.relationships or {}, name)


class ProspectValues(_Model):
    """Attributes of a prospect."""

    emails: list[str] = []
    opted_out: bool | None = Field(default=None, validation_alias=AliasChoices("optedOut", "opted_out"))
    email_opted_out: bool | None = Field(
        default=None, validation_alias=AliasChoices("emailOptedOut", "email_opted_out")
    )  # fmt: skip
    emails_opt_status: str | None = Field(default=None, validation_alias=AliasChoices("emailsOptStatus", "opt_status"))

    @property
    def wants_no_mail(self) -> bool:
        """Whether they have opted out there."""
        return bool(self.opted_out or self.email_opted_out or self.emails_opt_status == "opted_out")


class StateValues(_Model):
    """Attributes of a sequence state: one prospect in one sequence."""

    state: str | None = None
    replied_at: AwareDatetime | None = Field(default=None, alias="repliedAt")
    reply_count: int | None = Field(default=None, alias="replyCount")
    opt_out_count: int | None = Field(default=None, alias="optOutCount")
    created_at: AwareDatetime | None = Field(default=None, alias="createdAt")
    state_changed_at: AwareDatetime | None = Field(default=None, alias="stateChangedAt")
    updated_at: AwareDatetime | None = Field(default=None, alias="updatedAt")


class MailingValues(_Model):
    """Attributes of a mailing."""

    replied_at: AwareDatetime | None = Field(default=None, alias="repliedAt")
    subject: str | None = None


class TaskValues(_Model):
    """Attributes of a task."""

    note: str | None = None
    state: str | None = None
    """``pending``, ``incomplete``, ``complete``."""
    completed: bool | None = None
    completed_at: AwareDatetime | None = Field(default=None, alias="completedAt")
    state_changed_at: AwareDatetime | None = Field(default=None, alias="stateChangedAt")
    updated_at: AwareDatetime | None = Field(default=None, alias="updatedAt")

    @property
    def is_done(self) -> bool:
        """Whether somebody has completed it."""
        return self.state == "complete" or self.completed is True


class CallValues(_Model):
    """Attributes of a call. How it went is said by its disposition."""


class DispositionValues(_Model):
    """What an organization calls an outcome of calls."""

    name: str | None = None


class WebhookValues(_Model):
    """Attributes of a webhook subscription."""

    url: str | None = None
    resource: str | None = None
    action: str | None = None
    active: bool | None = None
    disabled_reason: str | None = Field(default=None, alias="disabledReason")


Prospect = Record[ProspectValues]
SequenceState = Record[StateValues]
Mailing = Record[MailingValues]
Webhook = Record[WebhookValues]
Task = Record[TaskValues]


class One(_Model, Generic[_A]):
    """An answer about one record."""

    data: Record[_A]


class _Links(_Model):
    next: str | None = None


class Page(_Model, Generic[_A]):
    """A page of a list."""

    data: list[Record[_A]] = []
    links: _Links | None = None

    @property
    def next(self) -> str | None:
        """The address of the next page."""
        return self.links.next if self.links is not None else None


def place_of(state: SequenceState) -> str | None:
    """Who is in which sequence; None where Outreach does not say."""
    prospect, sequence = state.related("prospect"), state.related("sequence")
    return place(prospect, sequence) if prospect and sequence else None


def place(prospect: str, sequence: str) -> str:
    """Who is in which sequence, in Outreach's ids."""
    return f"{prospect}/{sequence}"
