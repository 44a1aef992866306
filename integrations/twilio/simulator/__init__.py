"""Twilio as its vendor documents it, on loopback: messages, calls, its own list of opt-outs, signed webhooks.

What tests ask of it belongs into ``tests/``.
"""
