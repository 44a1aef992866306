"""Business time: working hours, time zones, public holidays, and what a duration comes to on them.

When a deal does something belongs into ``dealwright.rules``.
"""
