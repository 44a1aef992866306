"""Stripe: what its events mean for a deal, and how its API is read.

What all billing tools share belongs into ``integrations.kit``; a simulated account into ``simulator``.
"""
