"""What an installation says of its Stripe account: the block ``stripe`` of the connections file."""

from __future__ import annotations

from integrations.kit.connection import BaseUrl, Connection, Secret, WebhookUrl

SOURCE = "stripe"
"""Under which links and events of Stripe are kept."""


class StripeConnection(Connection):
    """One Stripe account, in live mode or in a sandbox."""

    key: Secret
    """A restricted key (``rk_…``) that may read events, and read and write webhook endpoints."""
    base_url: BaseUrl = "https://api.stripe.com"
    webhook_url: WebhookUrl | None = None
    """Where Stripe sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/stripe``. With it the endpoint is looked
    at, and switched on again when it is off."""
