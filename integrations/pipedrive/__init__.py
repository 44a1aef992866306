"""Pipedrive: what its webhooks mean, how its API is called, and the ports that it implements.

What all CRMs share belongs into ``integrations.kit``; a simulated company into ``simulator``.
"""
