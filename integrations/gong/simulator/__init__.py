"""A Gong account to try things out on: recorded calls, its API and its automation rule's webhooks, as documented.

How Dealwright talks to Gong does not belong here; the simulator imports nothing of it.
"""
