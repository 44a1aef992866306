"""Salesloft: contacts in its cadences, and what it tells of them, by its API and its webhooks.

A simulated team belongs into ``simulator``.
"""
