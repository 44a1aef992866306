"""Postmark: mail that it received for us, and what became of the messages that it sent (``inbound.yaml``).

What mail means for a deal belongs into ``integrations.mail``.
"""
