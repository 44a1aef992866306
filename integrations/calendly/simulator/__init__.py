"""A Calendly organization to try things out on: bookings, webhooks and their subscriptions, as documented.

How Dealwright talks to Calendly does not belong here; the simulator imports nothing of it.
"""
