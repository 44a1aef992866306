"""Clari Copilot: recorded calls and their action items, by its API.

What tools that record conversations share belongs into ``integrations.kit``; a simulated workspace into ``simulator``.
"""
