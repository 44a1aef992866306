"""Apollo: contacts enrolled in its sequences and taken out again, and what becomes of them there, by reading alone.

What tools that run cadences share belongs into ``integrations.kit.enrolments``, a simulated team into ``simulator``.
"""
