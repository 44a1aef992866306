"""Webhooks on their way in: checked, kept in the intake, dispatched to their deals.

How a source signs and what its events mean belongs into ``integrations``.
"""
