"""Any sender that follows Standard Webhooks: its mapping (``inbound.yaml``).

How signatures are checked belongs into ``integrations.kit``.
"""
