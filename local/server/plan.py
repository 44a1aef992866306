"""The options of a local server."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from dealwright.identity import NAMESPACE
from local.server.configuration import Dynamic
from local.server.namespace import RETENTION, AttributeType


class ServerPlan(BaseModel):
    """What a local server is to be."""

    model_config = ConfigDict(frozen=True)

    directory: Path
    """For the database, the logs and the configuration; made when missing. The same one continues."""
    search_attributes: Mapping[str, AttributeType] = {}
    """Made in the namespace: name to type."""
    namespace: str = NAMESPACE
    retention: timedelta = RETENTION
    """How long a closed workflow is kept; for a namespace that is new."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """None: any free one."""
    ui: bool = True
    ui_port: int | None = Field(default=None, ge=1, le=65535)
    """None: any free one."""
    dynamic: Dynamic = {}
    """Dynamic configuration besides, or instead of, what `configuration.DYNAMIC` sets."""
    durable: bool = True
    """False is faster, and safe against a killed process but not against a power cut: for tests."""
    own: bool = False
    """True starts a server even though an address is configured: for tests, which kill it."""
