"""Stripe's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.stripe.billing import stripe_billing
from integrations.stripe.inbound import StripeWebhooks
from integrations.stripe.polling import stripe_polling
from integrations.stripe.settings import SOURCE, StripeConnection

STRIPE = Tool(
    name="stripe",
    title="Stripe",
    source=SOURCE,
    connection=StripeConnection,
    billing=stripe_billing,
    handler=StripeWebhooks,
    polling=stripe_polling,
    simulated=True,
)
