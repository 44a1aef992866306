"""The HTTP API and the webhooks: authentication, limits, routes, and how events reach their deals.

What a vendor's event means belongs into ``integrations``.
"""
