"""What the gateway is told when it is put together: plain values, read from wherever the caller keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from gateway.webhooks.dispatch import Pace


@dataclass(frozen=True)
class Options:
    """The gateway's settings."""

    api_keys: tuple[str, ...] = ()
    """Each opens the whole API; several may be active, so that one can replace another."""
    keyless_on_loopback: bool = False
    """Without keys, let callers on this machine in. For development only."""
    public_url: str | None = None
    """Where other tools reach this gateway: ``https://deals.example.com``, as they have it configured."""
    webhook_secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each source its active secrets."""
    source_settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """For each source what its mapping file lets an installation set."""
    own_sources: Path | None = None
    """A folder with mapping files of the team's own; they take the place of shipped ones of the same name."""
    intake_kept: timedelta = timedelta(days=90)
    """How long the intake shows an event that was passed on, or cannot be."""
    rate_for_a_deal: float = 50
    """Facts and commands a second that one deal is told over HTTP, on the average; 0 sets no limit."""
    rate_for_a_key: float = 500
    """Openings, facts and commands a second with one key, likewise."""
    pace: Pace = field(default_factory=Pace)
