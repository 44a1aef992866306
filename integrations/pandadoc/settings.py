"""What an installation says of its PandaDoc workspace: the block ``pandadoc`` of the connections file."""

from __future__ import annotations

from integrations.kit.connection import BaseUrl, Secret, WebhookUrl
from integrations.kit.documents import DocumentsConnection

SOURCE = "pandadoc"
"""Under which links and events of PandaDoc are kept."""


class PandaDocConnection(DocumentsConnection):
    """One PandaDoc workspace."""

    key: Secret
    """An API key of the workspace; a sandbox key has the same address, and mails only inside its own domain."""
    base_url: BaseUrl = "https://api.pandadoc.com"
    recipient_role: str = "Client"
    """The role in the templates that the buyer takes."""
    webhook_url: WebhookUrl | None = None
    """Where PandaDoc sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/pandadoc``. With it the subscription is
    looked at, and switched on again when it is off."""
