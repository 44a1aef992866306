"""An Apollo team on this machine: its API, its people and contacts. It sends no webhooks.

How Dealwright talks to Apollo does not belong here.
"""
