"""What an installation says of its Qwilr account: the block ``qwilr`` of the connections file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dealwright.values.recorded import Name
from integrations.kit.connection import BaseUrl, Secret, WebhookUrl
from integrations.kit.documents import DocumentsConnection

SOURCE = "qwilr"
"""Under which links, mirrored values and events of Qwilr are kept."""


class QwilrConnection(DocumentsConnection):
    """One Qwilr account. ``webhook_secrets`` is the secret at the end of ``webhook_url``: Qwilr signs nothing."""

    key: Secret
    """An access token of its API. It may do everything in the account: Qwilr knows no smaller one."""
    base_url: BaseUrl = "https://api.qwilr.com/v1"
    webhook_url: WebhookUrl | None = None
    """Where Qwilr sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/qwilr/<secret>``. With it the
    subscriptions are made, looked at, and made anew where one is missing."""
    tag: Name = "dealwright"
    """The tag of pages that are made here. Those with it are read beside the webhooks, whoever made them."""
    owner_id: Annotated[str, Field(pattern="^[a-z0-9]{24}$")] | None = None
    """Who owns the pages in Qwilr; without it, whoever made the token."""
