"""A Meteroid tenant to try things out on: customers and subscriptions over its REST API, and signed webhooks.

How Dealwright talks to Meteroid does not belong here; the simulator imports nothing of it.
"""
