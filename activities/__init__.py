"""Temporal activities: ``decide``, and effects handed over once, by way of the ledger.

How a tool is spoken to belongs into ``integrations``.
"""
