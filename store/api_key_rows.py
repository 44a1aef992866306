"""What is told of API keys: what each may do, for whom, and how long."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.values.addresses import complaint_about_address
from dealwright.values.recorded import Bounded

LONGEST_LIFE, USUAL_LIFE = 3650, 365
"""Days that a key may be good, and is unless somebody says otherwise."""
RESERVED = frozenset({"environment", "local-development", "command-line", "dealwright", "temporal"})
"""Names of those who speak without a key of the store."""


class Scope(StrEnum):
    """What a key may do."""

    OPEN = "open"
    """Open deals."""
    TELL = "tell"
    """Tell deals facts."""
    COMMAND = "command"
    """Give deals commands, but for the answer to an approval."""
    APPROVE = "approve"
    """Answer approvals."""
    READ = "read"
    """Read everything about deals, and what webhooks brought."""
    LINK = "link"
    """Say which deal a foreign object belongs to."""
    ADMIN = "admin"
    """Everything; alone: keys, the audit trail, and taking addresses off the suppression list."""


class NewKey(Bounded):
    """A key to be made: for a service, or for a person whom it acts for."""

    name: Annotated[
        str,
        Field(
            pattern="^[a-z0-9][a-z0-9._-]{0,62}$", examples=["slack-approvals"],
            description="Of the service, or of what the person uses the key for. No other key that is good has it.",
        ),
    ]  # fmt: skip
    scopes: Annotated[
        frozenset[Scope],
        Field(min_length=1, examples=[["read", "command"]], description="What the key may do."),
    ]
    acts_for: Annotated[
        str | None,
        Field(
            max_length=254, examples=["ben@us.example"],
            description="The e-mail address of the person whose key this is. Everything is then done by that person.",
        ),
    ] = None  # fmt: skip
    may_speak_for: Annotated[
        tuple[Annotated[str, Field(max_length=254)], ...],
        Field(
            max_length=10, examples=[["@us.example"]],
            description="For a service that knows who its users are, such as a chat: the e-mail addresses, or domains "
            "(`@us.example`), of the people in whose name it may give commands. Without this, it speaks for itself.",
        ),
    ] = ()  # fmt: skip
    days: Annotated[
        int, Field(ge=1, le=LONGEST_LIFE, examples=[90], description="For how many days the key is good.")
    ] = USUAL_LIFE

    @field_validator("name")
    @classmethod
    def _is_nobody_elses(cls, name: str) -> str:
        if name in RESERVED:
            raise BadValue(f"{name} is the name of those who speak without such a key", "choose another one")
        return name

    @field_validator("acts_for")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
        if address is not None and (complaint := complaint_about_address(address)):
            raise BadValue(complaint, "write the person's e-mail address")
        return address

    @field_validator("may_speak_for")
    @classmethod
    def _are_addresses_or_domains(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if complaint := complaint_about_address(f"anybody{pattern}" if pattern.startswith("@") else pattern):
                raise BadValue(f"{pattern}: {complaint}", "write e-mail addresses, or domains as @example.com")
        return patterns

    @model_validator(mode="after")
    def _is_of_a_person_or_a_service(self) -> Self:
        if self.acts_for is not None and self.may_speak_for:
            raise BadValue("a person speaks for nobody else", "leave may_speak_for out", ("may_speak_for",))
        return self


class ApiKey(BaseModel):
    """A key, without what opens anything."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str = Field(description="Its first characters after `dwk_`.", examples=["a1B2c3D4"])
    name: str = Field(description="Of the service, or of what the person uses it for.", examples=["slack-approvals"])
    scopes: tuple[str, ...] = Field(description="What it may do.", examples=[["command", "read"]])
    acts_for: str | None = Field(description="The person whose key it is.", examples=["ben@us.example"])
    may_speak_for: tuple[str, ...] = Field(
        description="The people in whose name it may give commands.", examples=[["@us.example"]]
    )
    created_at: AwareDatetime = Field(description="When it was made.", examples=["2026-11-24T09:30:00Z"])
    created_by: str = Field(description="Who made it.", examples=["service:environment"])
    expires_at: AwareDatetime = Field(description="Until when it is good.", examples=["2027-11-24T09:30:00Z"])
    revoked_at: AwareDatetime | None = Field(description="When somebody revoked it.", examples=["2026-12-01T08:00:00Z"])
    revoked_by: str | None = Field(description="Who did.", examples=["max@us.example"])

    def good_at(self, now: datetime) -> bool:
        """Whether it opens anything at a time."""
        return self.revoked_at is None and now < self.expires_at


class MadeKey(NamedTuple):
    """A key that was made just now: the only time that it is told."""

    key: str
    about: ApiKey

    def __repr__(self) -> str:
        return f"MadeKey({self.about!r})"


class KnownKey(NamedTuple):
    """A key that is good, with what recognises it."""

    digest: bytes
    about: ApiKey
