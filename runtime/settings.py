"""All settings, from the environment. Temporal's own connection is set by its standard variables."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import from_json
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dealwright.calendar.zones import Region, ZoneName
from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.preferences import Channel, Delivery, LocalTime, Preferences

_ADDRESS = re.compile(r"""[^\s@<>()\[\],;:"]{1,64}@[^\s@<>()\[\],;:"]{1,189}""")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,198}[A-Za-z0-9])?")
_LONGEST_BEFORE_A_TAG = 36
"""Letters of an address before what each message's own one adds to it: 64 are allowed in all (RFC 5321)."""
_SEALING_KEY = re.compile(r"[A-Za-z0-9+/_-]{43}=")
_FOR_URLS = str.maketrans("+/", "-_")
_URL = re.compile(r"https?://[!-;=?-~]{1,500}")

Port = Annotated[int, Field(ge=0, le=65535)]


class BadSettings(BadInput):
    """A variable of the environment cannot be used; the message names each with its remedy."""


class Settings(BaseSettings):
    """All settings, each read from ``DEALWRIGHT_<NAME>`` (the database from ``DATABASE_URL``). Times in seconds."""

    model_config = SettingsConfigDict(env_prefix="DEALWRIGHT_", frozen=True, extra="ignore", populate_by_name=True)

    database_url: str = Field(default="sqlite:///var/data/dealwright.db", validation_alias="DATABASE_URL", repr=False)
    """The store: ``sqlite:///path`` or ``postgresql://user:password@host/name``."""

    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_login_in_the_clear: bool = False
    """Whether the login may go to a mail server on this very machine without TLS."""
    mail_from: str = "deals@dealwright.local"
    """Gets bounces and unsubscriptions."""
    mail_domain: str = "dealwright.local"
    """The right-hand side of Message-IDs: a domain of yours."""
    mail_name: str = "Sales"
    """The sender's name where a touch has no owner."""
    mail_inbound: str | None = None
    """Where this installation receives mail: ``deals@in.example.com``, or ``in.example.com`` where all mail to that
    domain comes in. Each message then has its own addresses there, for bounces, answers and unsubscriptions."""

    token_key: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """What tokens of tools are encrypted with in the store: 32 bytes in base64. Several, separated by commas, while one
    is replaced: the first encrypts, all decrypt."""
    connections: Path | None = None
    """The connections file: which tools this installation talks to."""
    chat_webhook_url: SecretStr | None = None
    """An incoming webhook of the team's chat; without it notices are kept in the store."""

    work_channel: Channel = "mail"
    """How people are told of their work who chose nothing; likewise the next four."""
    work_delivery: Delivery = "at_once"
    work_digest_at: LocalTime = "08:00"
    work_timezone: ZoneName = "UTC"
    work_holidays: Region | None = None
    """A country or a part of one, ``DE-BE``: no digest comes on its public holidays."""
    deal_link: str | None = None
    """Where people look at a deal, as a URL with ``{deal_id}``, ``{workflow_id}`` or ``{crm_id}`` in it."""

    gateway_host: str = "127.0.0.1"
    gateway_port: Port = 8080
    public_url: str = "http://127.0.0.1:8080"
    """Where the gateway is reached from outside: signatures and unsubscribe links are made with it. Without it, the
    gateway's port on this machine."""
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Keys that callers of the HTTP API may use, separated by commas."""
    rate_per_deal: Annotated[float, Field(ge=0)] = 50
    """Facts and commands a second that one deal is told over the HTTP API, on the average; 0 sets no limit."""
    rate_per_key: Annotated[float, Field(ge=0)] = 500
    """Openings, facts and commands a second with one API key, likewise."""
    rate_per_source: Annotated[float, Field(ge=0)] = 200
    """Webhook requests a second of one source, likewise."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses and networks of the proxies, besides this machine, that say where a request came from."""
    api_docs: bool = True
    """Whether the HTTP API describes itself at ``/docs`` and ``/openapi.json``."""
    audit_days: Annotated[int, Field(ge=1, le=3650)] = 400
    """Days that the audit trail keeps who changed what."""
    webhook_secrets: Annotated[dict[str, tuple[SecretStr, ...]], NoDecode] = {}
    """The signing secrets of each source, as JSON: ``{"hubspot": ["…"], "standard": ["whsec_…"]}``."""

    webhook_settings: Annotated[dict[str, dict[str, str]], NoDecode] = {}
    """What a source's mapping file lets an installation set, as JSON: ``{"hubspot": {"currency": "EUR"}}``."""
    webhook_sources: Path | None = None
    """A folder with mapping files of your own; they take the place of shipped ones of the same name."""
    intake_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """Days that the intake shows an event that was passed on, or cannot be."""
    event_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """Days that events are kept for other services to ask for."""
    event_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Networks that are not public and that events may be sent into, separated by commas; loopback also without TLS."""

    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    health_host: str = "127.0.0.1"
    health_port: Port | None = None
    """Where the worker answers ``/healthz`` and ``/readyz``; none by default."""
    metrics_address: str | None = None
    """``address:port`` (``0.0.0.0:9464``) for Prometheus to read the SDK's metrics from; none by default."""

    drain_seconds: Annotated[int, Field(ge=0, le=3600)] = 25
    """How long a worker may finish what it has begun after SIGTERM."""
    cached_deals: Annotated[int, Field(ge=1)] = 1000
    workflow_tasks_at_once: Annotated[int, Field(ge=2)] = 8
    """Deals that a worker decides on at the same time: a process has one interpreter, and each has ten seconds."""
    activities_at_once: Annotated[int, Field(ge=1)] = 50

    @field_validator("api_keys", "token_key", "trusted_proxies", "event_networks", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(key.strip() for key in value.split(",") if key.strip()) if isinstance(value, str) else value

    @field_validator("webhook_secrets", "webhook_settings", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        try:
            return from_json(value) if isinstance(value, str) else value
        except ValueError as error:
            raise BadValue(f"this is no JSON ({error})", 'write {}, or {"hubspot": …}') from None

    @field_validator("token_key")
    @classmethod
    def _are_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(not _SEALING_KEY.fullmatch(key.get_secret_value()) for key in value):
            raise BadValue("this is no key of 32 bytes in base64", "make one with `openssl rand -base64 32`")
        return value

    @property
    def token_keys(self) -> tuple[str, ...]:
        """The keys that secrets in the store are encrypted with, in the alphabet of URLs."""
        return tuple(key.get_secret_value().translate(_FOR_URLS) for key in self.token_key)

    @field_validator("smtp_username", "smtp_password", "connections", "work_holidays", "deal_link", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError as error:
                raise BadValue(f"{error}", "write addresses or networks, such as 10.0.0.0/24") from None
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise BadValue("this is no e-mail address", "write one like deals@example.com, without a name")
        return value

    @field_validator("mail_inbound", mode="before")
    @classmethod
    def _receives_mail(cls, value: object) -> object:
        if not isinstance(value, str) or not value:
            return value or None
        local, at, domain = value.rpartition("@")
        usable = _ADDRESS.fullmatch(value) and len(local) <= _LONGEST_BEFORE_A_TAG if at else True
        if not usable or not _DOMAIN.fullmatch(domain):
            remedy = f"write deals@in.example.com (at most {_LONGEST_BEFORE_A_TAG} letters before the @), or a domain"
            raise BadValue("this is no place where mail can come in", remedy)
        return value

    @field_validator("mail_domain")
    @classmethod
    def _is_a_domain(cls, value: str) -> str:
        if not _DOMAIN.fullmatch(value):
            raise BadValue("this is no domain", "write one like example.com, letters beyond ASCII as xn--…")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        if value and not _URL.fullmatch(value):
            raise BadValue("this is no URL that a mail can carry", "write one like https://deals.example.com")
        return value

    @field_validator("deal_link")
    @classmethod
    def _is_a_link(cls, value: str | None) -> str | None:
        rest = re.sub(r"\{(deal_id|workflow_id|crm_id)\}", "", value or "")
        if value and ("{" in rest or "}" in rest or not _URL.fullmatch(rest)):
            remedy = "write one like https://app.example.com/deals/{crm_id}, with {deal_id}, {workflow_id} or {crm_id}"
            raise BadValue("this is no link to a deal", remedy)
        return value

    @model_validator(mode="before")
    @classmethod
    def _reach_the_gateway_where_it_is(cls, given: dict[str, object]) -> dict[str, object]:
        port = given.get("gateway_port")
        return given if port is None else {"public_url": f"http://127.0.0.1:{port}", **given}

    @model_validator(mode="after")
    def _keep_the_login_secret(self) -> Self:
        if (self.smtp_username is None) != (self.smtp_password is None):
            problem = "DEALWRIGHT_SMTP_USERNAME and DEALWRIGHT_SMTP_PASSWORD belong together"
            raise BadValue(problem, "set both, or neither")
        if self.smtp_password is None or self.smtp_tls != "none":
            return self
        in_the_clear = "a login is not sent in the clear"
        if not _is_this_machine(self.smtp_host):
            raise BadValue(in_the_clear, "set starttls or tls", ("smtp_tls",))
        if not self.smtp_login_in_the_clear:
            remedy = "set starttls or tls, or for a mail server on this machine DEALWRIGHT_SMTP_LOGIN_IN_THE_CLEAR=true"
            raise BadValue(in_the_clear, remedy, ("smtp_tls",))
        return self

    @property
    def work_preferences(self) -> Preferences:
        """How people are told of their work who chose nothing."""
        return Preferences(
            channel=self.work_channel, delivery=self.work_delivery, digest_at=self.work_digest_at,
            timezone=self.work_timezone, holidays=self.work_holidays,
        )  # fmt: skip

    def __init__(self, **values: object) -> None:
        """Read the environment; ``values`` go before it."""
        try:
            super().__init__(**values)  # type: ignore[arg-type] # pydantic checks them
        except ValidationError as error:
            raise BadSettings(map(_of_variable, diagnostics_of(error, Settings))) from None


def _of_variable(one: Diagnostic) -> Diagnostic:
    return replace(one, place=(_variable(one.place[0]), *one.place[1:])) if one.place else one


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _variable(setting: int | str) -> str:
    name = str(setting)
    return name if name.isupper() else f"DEALWRIGHT_{name.upper()}"
