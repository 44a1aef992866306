"""Envelopes and their signers, as DocuSign's API and its webhooks show them.

The names of fields are those of docusign-esign-node-client 1c373fb (``Envelope``, ``Signer``) and of
docusign/OpenAPI-Specifications 3c20b6c (``connect.schema-v2.json``). Numbers and flags come as texts.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel


class Shown(BaseModel):
    """Something that DocuSign shows; names that are not read are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, validate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_not_there(cls, value: object) -> object:
        return {name: one for name, one in value.items() if one is not None} if isinstance(value, dict) else value


class Tab(Shown):
    """A field on a document."""

    tab_label: str = ""
    value: str | None = None


class Tabs(Shown):
    """The fields of one recipient, those of them that are texts."""

    text_tabs: tuple[Tab, ...] = ()


class Signer(Shown):
    """Somebody who is to sign."""

    recipient_id: str
    email: str | None = None
    role_name: str | None = None
    status: str | None = None
    delivered_date_time: str | None = None
    """When they first looked at it."""
    signed_date_time: str | None = None
    declined_reason: str | None = None
    tabs: Tabs | None = None


class Recipients(Shown):
    """Everybody who gets an envelope."""

    signers: tuple[Signer, ...] = ()


class CustomField(Shown):
    """A mark that the sender put on an envelope."""

    name: str = ""
    value: str | None = None


class CustomFields(Shown):
    """All marks on an envelope, those of them that are texts."""

    text_custom_fields: tuple[CustomField, ...] = ()


class Envelope(Shown):
    """An envelope: documents, those who sign them, and what became of it."""

    envelope_id: str = Field(min_length=1)
    status: str = ""
    """``created`` (a draft), ``sent``, ``delivered`` (all have looked at it), ``completed``, ``declined``, ``voided``,
    ``deleted``."""
    sent_date_time: str | None = None
    completed_date_time: str | None = None
    declined_date_time: str | None = None
    voided_date_time: str | None = None
    voided_reason: str | None = None
    expire_date_time: str | None = None
    custom_fields: CustomFields | None = None
    recipients: Recipients | None = None

    @property
    def marks(self) -> dict[str, str]:
        """What the sender put on it, by name."""
        fields = self.custom_fields.text_custom_fields if self.custom_fields else ()
        return {one.name: one.value for one in fields if one.value}

    @property
    def texts(self) -> dict[str, str]:
        """What the text fields of whoever signs it say, by label; of a label that says several things the first."""
        tabs = [tab for one in self.signers if one.tabs for tab in one.tabs.text_tabs if tab.tab_label and tab.value]
        return {tab.tab_label: tab.value or "" for tab in reversed(tabs)}

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Who is to sign it."""
        return self.recipients.signers if self.recipients else ()


class Envelopes(Shown):
    """A page of a list."""

    envelopes: tuple[Envelope, ...] | None = None
    envelope_transaction_statuses: tuple[Envelope, ...] | None = None
    """In place of them, where envelopes are asked for by our transaction ids."""
    next_uri: str | None = None

    @property
    def all(self) -> tuple[Envelope, ...]:
        """What the page holds, wherever it stands."""
        return self.envelopes or self.envelope_transaction_statuses or ()
