"""What an installation says of its Clari Copilot workspace: the block ``clari_copilot`` of the connections file."""

from __future__ import annotations

from integrations.kit.connection import BaseUrl, Connection, Secret

SOURCE = "clari_copilot"
"""Under which links, mirrored values and events of Clari Copilot are kept."""


class ClariCopilotConnection(Connection):
    """One workspace. It sends no webhooks: its calls are read."""

    api_key: Secret
    """The key of its API: Workspace settings, Integrations, Clari Copilot API."""
    api_password: Secret
    base_url: BaseUrl = "https://rest-api.copilot.clari.com"
