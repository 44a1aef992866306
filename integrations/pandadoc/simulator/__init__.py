"""A PandaDoc workspace on this machine: its API, its buyers, its webhooks and the log of them.

How Dealwright talks to PandaDoc does not belong here.
"""
