"""The gateway's options as plain values: ``gateway.run`` makes them from the settings, tests directly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from dealwright.preferences import Preferences
from gateway.events.delivering import DeliveryLimits
from gateway.events.targets import Targets
from gateway.identities.failed_attempts import PER_SECOND as FAILED_ATTEMPTS
from gateway.webhooks.dispatch import DispatchLimits
from integrations.kit.connections import Connections


@dataclass(frozen=True)
class GatewayOptions:
    """The gateway's settings."""

    api_keys: tuple[str, ...] = ()
    """Of the environment, each opens the whole API: for making the first key of the store."""
    failed_attempts: float = FAILED_ATTEMPTS
    """Wrong keys a second from one address, and with one beginning, on the average; 0 sets no limit."""
    public_url: str | None = None
    """Where other tools reach this gateway: ``https://deals.example.com``, as they have it configured."""
    webhook_secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each source its active secrets."""
    source_settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """For each source what its mapping file lets an installation set."""
    connections: Connections = field(default_factory=Connections)
    """The tools that the installation talks to; what they say of webhooks stands in the two above."""
    custom_mappings: Path | None = None
    """A folder with mapping files of the team's own; they take the place of shipped ones of the same name."""
    work_preferences: Preferences = field(default_factory=Preferences)
    """How people are told of their work who chose nothing."""
    intake_retention: timedelta = timedelta(days=90)
    """How long the intake keeps an event that was delivered, or never can be."""
    rate_per_deal: float = 50
    """Facts and commands a second that one deal is told over HTTP, on the average; 0 sets no limit."""
    rate_per_key: float = 500
    """Openings, facts and commands a second with one key, likewise."""
    rate_per_source: float = 200
    """Webhook requests a second of one source, likewise; those that prove where they come from."""
    audit_retention: timedelta = timedelta(days=400)
    """How long the audit trail keeps an entry."""
    api_docs: bool = True
    """Whether the API's description and its page are served."""
    dispatch: DispatchLimits = field(default_factory=DispatchLimits)
    event_targets: Targets = field(default_factory=Targets)
    """Where events may be sent to."""
    event_retention: timedelta = timedelta(days=90)
    """How long events are kept that no subscriber waits for."""
    delivery: DeliveryLimits = field(default_factory=DeliveryLimits)
