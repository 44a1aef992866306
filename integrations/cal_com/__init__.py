"""Cal.com: what its webhooks mean for meetings and demos, and how its API is called.

What all calendars share belongs into ``integrations.kit``; a simulated account into ``simulator``.
"""
