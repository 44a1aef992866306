"""A Qwilr account on this machine: its API, its buyers, and its unsigned webhooks.

How Dealwright talks to Qwilr does not belong here.
"""
