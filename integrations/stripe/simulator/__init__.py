"""A Stripe account to try things out on: subscriptions, invoices, events and webhook endpoints, as documented.

How Dealwright reads Stripe does not belong here; the simulator imports nothing of it.
"""
