"""A Cal.com account to try things out on: bookings and webhooks, as documented.

How Dealwright talks to Cal.com does not belong here; the simulator imports nothing of it.
"""
