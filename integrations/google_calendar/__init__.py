"""Google Calendar: which events are meetings and demos of a deal, and how its API and watch channels are used.

What all calendars share belongs into ``integrations.kit``; a simulated Google into ``simulator``.
"""
