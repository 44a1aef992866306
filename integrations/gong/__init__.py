"""Gong: recorded calls and their action items, by its webhooks and its API.

What tools that record conversations share belongs into ``integrations.kit``; a simulated account into ``simulator``.
"""
