"""HubSpot: the mapping of its webhooks (``inbound.yaml``).

What all CRMs share belongs into ``integrations.kit``.
"""
