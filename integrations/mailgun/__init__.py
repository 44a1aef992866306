"""Mailgun: what became of the messages that it sent (``inbound.yaml``), and how mail that it received is read.

What mail means for a deal belongs into ``integrations.mail``.
"""
