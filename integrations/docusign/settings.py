"""What an installation says of its DocuSign account: the block ``docusign`` of the connections file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from integrations.kit.connection import BaseUrl, Secret, WebhookUrl
from integrations.kit.documents import DocumentsConnection

SOURCE = "docusign"
"""Under which links and events of DocuSign are kept."""
BUYER = "Client"
"""The role in the templates that the buyer takes, unless ``recipient_role`` says another."""


class DocuSignConnection(DocumentsConnection):
    """One DocuSign account."""

    integration_key: str
    """The app's integration key, which DocuSign also calls its client id."""
    user_id: str
    """The id of the user whom envelopes are sent by; they have consented to it once."""
    private_key: Secret
    """The RSA key of the app, in PEM form."""
    account_id: str
    """The API account id. Where the account's API is, DocuSign tells."""
    login_url: BaseUrl = "https://account.docusign.com"
    """Where tokens are given; the developer environment is at https://account-d.docusign.com."""
    recipient_role: str = BUYER
    """The role in the templates that the buyer takes."""
    webhook_url: WebhookUrl | None = None
    """Where Connect sends events: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/docusign``. With it the Connect
    configuration is made, looked at and set right, and what DocuSign holds back is asked for."""
    poll_minutes: Annotated[int, Field(ge=15, le=1440)] = 15
    """How often the account is read. DocuSign wants no envelope asked for more often than every 15 minutes."""
