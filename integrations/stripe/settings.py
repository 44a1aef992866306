"""What an installation says of its Stripe account: the block ``stripe`` of the connections file."""

from __future__ import annotations

from typing_extensions import override

from dealwright.playbook.language.fields import Word
from dealwright.values.recorded import Given, Name
from integrations.kit.connection import BaseUrl, Connection, Secret, WebhookUrl
from integrations.kit.usage import UsageRule

SOURCE = "stripe"
"""Under which links and events of Stripe are kept."""


class StripePlan(Given):
    """A plan of a playbook, as Stripe has it. Prices are not kept there: each contract has its own."""

    product: Name
    """The product that invoices name (``prod_…``)."""
    one_off: Name | None = None
    """The product of what comes once; without it, the same."""


class StripeConnection(Connection):
    """One Stripe account, in live mode or in a sandbox."""

    key: Secret
    """A restricted key (``rk_…``) that may read events, and read and write webhook endpoints; to bill customers also
    read and write customers, subscriptions and prices."""
    base_url: BaseUrl = "https://api.stripe.com"
    plans: dict[Word, StripePlan] = {}
    """The plans of the playbooks, by name, and what they are here."""
    usage: UsageRule | None = None
    """Which of Stripe's billing meters (``mtr_…``) says how a customer is doing; without it, usage is not read."""
    webhook_url: WebhookUrl | None = None
    """Where Stripe sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/stripe``. With it the endpoint is looked
    at, and switched on again when it is off."""

    @property
    @override
    def makes_terms_of_what_it_bills(self) -> str | None:
        return "contracts" if self.settings.get("contracts") == SOURCE else None
