"""Mail that comes in: read from its bytes, told apart, and matched to the deal and the touch that it is about.

How it reaches the gateway belongs into ``integrations.mail.providers``.
"""
