"""Outreach: contacts enrolled in its sequences and taken out again, and what becomes of them there.

What all tools that run cadences share belongs into ``integrations.kit.enrolments``, a simulated organization into
``simulator``.
"""
