"""What an installation says of its Google calendars: the block ``google_calendar`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.connection import BaseUrl, Connection, Secret, WebhookUrl
from integrations.kit.proof.schemes import MIN_SECRET_BYTES

SOURCE = "google_calendar"
"""Under which events, links and remembered values of Google Calendar are kept."""
_LONGEST_TOKEN = 256
"""Characters that Google takes as a channel's token."""

Calendar = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s/]{1,200}@[^@\s/]{1,200}$")]
Domain = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s/]{1,200}$")]
Words = Annotated[str, StringConstraints(to_lower=True, min_length=1, max_length=200)]


class ServiceAccountKey(BaseModel):
    """A service account's key file, as Google gives it out."""

    model_config = ConfigDict(extra="ignore")

    client_email: str
    private_key: str = Field(repr=False)
    """In PEM form."""


def _is_key_file(secret: SecretStr) -> SecretStr:
    try:
        ServiceAccountKey.model_validate_json(secret.get_secret_value())
    except ValidationError:
        raise BadValue(
            "this is no key of a service account", "name the JSON file that Google gave out: file:/path"
        ) from None
    return secret


def _fits_into_a_header(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not MIN_SECRET_BYTES <= len(text) <= _LONGEST_TOKEN or not text.isascii() or not text.isprintable():
        raise BadValue(
            "this cannot be a channel's token", f"make one of {MIN_SECRET_BYTES} to {_LONGEST_TOKEN} ASCII characters"
        )
    return secret


class GoogleCalendarConnection(Connection):
    """Calendars of one Google Workspace, and how we are let in: as a service account, or for one user."""

    calendars: Annotated[tuple[Calendar, ...], Field(min_length=1, max_length=500)]
    """Whose calendars are followed: e-mail addresses, which are the calendars' ids."""
    service_account: Annotated[Secret, AfterValidator(_is_key_file)] | None = None
    """A key file of a service account to which the Workspace's admin has given access to all calendars."""
    act_as: Calendar | None = None
    """The user whom the service account stands for; without it, the owner of each calendar."""
    client_id: str | None = None
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    """With ``client_id`` and ``client_secret``, in the place of a service account: one user, who sees all calendars."""
    base_url: BaseUrl = "https://www.googleapis.com"
    token_url: BaseUrl = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    webhook_secrets: tuple[Annotated[Secret, AfterValidator(_fits_into_a_header)], ...] = ()
    """What channels are told to prove themselves with. New channels get the first one."""
    webhook_url: WebhookUrl | None = None
    """Where Google sends notices: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/google_calendar``. With it channels are
    opened and kept up."""

    our_domains: tuple[Domain, ...] = ()
    """Domains of our own people. Those of the calendars count without being named here."""
    demo_titles: tuple[Words, ...] = ()
    """An event is a demo, and no first meeting, where its title has one of these words."""
    ignore_titles: tuple[Words, ...] = ()
    """An event is not followed where its title has one of these words."""
    told_by_others: tuple[Words, ...] = ()
    """An event is not followed where its description has one of these: another tool tells of it, which is not in the
    connections file. The marks of those that are there, Calendly's and Cal.com's, are known."""
    repeats_days: Annotated[int, Field(ge=0, le=60)] = 7
    """So many days ahead, each single one of an event that repeats is told as a meeting; 0 leaves them out."""
    when_over: Literal["ask", "held"] = "ask"
    """What is told of an event that is over and was not called off: nothing, so that people are asked, or that it was
    held."""

    @model_validator(mode="after")
    def _is_let_in_one_way(self) -> Self:
        for_a_user = (self.client_id, self.client_secret, self.refresh_token)
        given = [each is not None for each in for_a_user]
        if any(given) != all(given) or all(given) == (self.service_account is not None):
            remedy = "write service_account:, or client_id:, client_secret: and refresh_token:"
            raise BadValue("it does not say how we are let in", remedy)
        if self.act_as is not None and self.service_account is None:
            raise BadValue("only a service account acts as somebody", "take out act_as:")
        return self

    @property
    def domains(self) -> frozenset[str]:
        """Domains of our own people."""
        return frozenset({*self.our_domains, *(each.partition("@")[2] for each in self.calendars)} - _PUBLIC)

    def subject(self, calendar: str) -> str | None:
        """Whom the service account stands for when it reads a calendar."""
        return None if self.service_account is None else self.act_as or calendar


_PUBLIC = {"gmail.com", "googlemail.com", "group.calendar.google.com"}
"""Domains that say nothing of whose people they are."""
