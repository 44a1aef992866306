"""HubSpot: what its webhooks and journal mean, how its API is called, and the ports that it implements.

What all CRMs share belongs into ``integrations.kit``; a simulated account into ``simulator``.
"""
