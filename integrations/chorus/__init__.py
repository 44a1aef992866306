"""Chorus: recorded conversations and their action items, by its unsigned hook and its API.

What tools that record conversations share belongs into ``integrations.kit``; a simulated account into ``simulator``.
"""
