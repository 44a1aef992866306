"""Twilio: text messages that go out, what comes back, and calls.

Whom a text message may go to, and when, belongs into ``dealwright.rules``.
"""
