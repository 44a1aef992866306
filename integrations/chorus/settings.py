"""What an installation says of its Chorus account: the block ``chorus`` of the connections file."""

from __future__ import annotations

from typing import Literal

from integrations.kit.connection import BaseUrl, Connection, Secret, WebhookUrl

SOURCE = "chorus"
"""Under which links, mirrored values and events of Chorus are kept."""


class ChorusConnection(Connection):
    """One Chorus account. ``webhook_secrets`` is the secret at the end of ``webhook_url``: Chorus signs nothing."""

    token: Secret
    """The token of its API."""
    token_form: Literal["plain", "bearer"] = "plain"  # noqa: S105 - how it is written, not what it is
    """Chorus's description of its API and its help pages disagree whether ``Bearer`` stands before the token."""
    base_url: BaseUrl = "https://chorus.ai"
    webhook_url: WebhookUrl | None = None
    """Where Chorus sends its hook: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/chorus/<secret>``. With it the hook is
    looked at, and set up again when it is off."""
    system: Literal["salesforce", "hubspot", "pipedrive"] = "salesforce"
    """The CRM whose deals Chorus names."""
