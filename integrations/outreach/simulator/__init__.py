"""An Outreach organization on this machine: its API, its people and prospects, its webhooks.

How Dealwright talks to Outreach does not belong here.
"""
