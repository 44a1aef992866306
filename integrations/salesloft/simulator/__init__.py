"""A Salesloft team to try things out on: its API, its people and their webhooks, as documented.

How Dealwright talks to Salesloft does not belong here; the simulator imports nothing of it.
"""
