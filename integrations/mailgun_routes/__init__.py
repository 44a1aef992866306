"""Mailgun's routes: mail that it received for us, as forms (``inbound.yaml``).

How its requests are read belongs into ``integrations.mailgun``.
"""
