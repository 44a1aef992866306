"""Qwilr: proposals and contracts as pages made there from approved templates, and what becomes of them.

What all such tools share belongs into ``integrations.kit.documents``, a simulated account into ``simulator``.
"""
