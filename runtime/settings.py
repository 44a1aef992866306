"""What an installation sets, by environment. Temporal's own connection is set by its standard variables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import from_json
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Port = Annotated[int, Field(ge=0, le=65535)]


class BadSettings(ValueError):
    """A variable of the environment cannot be used; the message names each with its remedy."""


class Settings(BaseSettings):
    """All settings, each read from ``DEALWRIGHT_<NAME>`` (the database from ``DATABASE_URL``). Times in seconds."""

    model_config = SettingsConfigDict(env_prefix="DEALWRIGHT_", frozen=True, extra="ignore", populate_by_name=True)

    database_url: str = Field(default="sqlite:///var/data/dealwright.db", validation_alias="DATABASE_URL")
    """The store: ``sqlite:///path`` or ``postgresql://user:password@host/name``."""

    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    mail_from: str = "deals@dealwright.local"
    """Gets bounces and unsubscriptions."""
    mail_domain: str = "dealwright.local"
    """The right-hand side of Message-IDs: a domain of yours."""
    mail_name: str = "Sales"
    """The sender's name where a touch has no owner."""

    public_url: str = "http://127.0.0.1:8080"
    """Where the gateway is reached from outside: signatures and unsubscribe links are made with it."""
    chat_webhook_url: SecretStr | None = None
    """An incoming webhook of the team's chat; without it notices are kept in the store."""

    gateway_host: str = "127.0.0.1"
    gateway_port: Port = 8080
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Keys that callers of the HTTP API may use, separated by commas."""
    webhook_secrets: Annotated[dict[str, tuple[SecretStr, ...]], NoDecode] = {}
    """The signing secrets of each source, as JSON: ``{"hubspot": ["…"], "standard": ["whsec_…"]}``."""

    webhook_settings: Annotated[dict[str, dict[str, str]], NoDecode] = {}
    """What a source's mapping file lets an installation set, as JSON: ``{"hubspot": {"currency": "EUR"}}``."""
    webhook_sources: Path | None = None
    """A folder with mapping files of your own; they take the place of shipped ones of the same name."""
    intake_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """Days that the intake shows an event that was passed on, or cannot be."""

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
    activities_at_once: Annotated[int, Field(ge=1)] = 50

    @field_validator("api_keys", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(key.strip() for key in value.split(",") if key.strip()) if isinstance(value, str) else value

    @field_validator("webhook_secrets", "webhook_settings", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        try:
            return from_json(value) if isinstance(value, str) else value
        except ValueError as error:
            raise ValueError(f'this is no JSON ({error}): write {{}}, or {{"hubspot": …}}') from None

    def __init__(self, **values: object) -> None:
        """Read the environment; ``values`` go before it."""
        try:
            super().__init__(**values)  # type: ignore[arg-type] # pydantic checks them
        except ValidationError as error:
            faults = [f"{_variable(one['loc'])}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()]
            raise BadSettings("; ".join(faults)) from None


def _variable(loc: tuple[int | str, ...]) -> str:
    name = str(loc[0]) if loc else "the environment"
    return name if name.isupper() else f"DEALWRIGHT_{name.upper()}"
