"""SendGrid's Inbound Parse where it is not signed: a user and a password in its URL (``inbound.yaml``).

How its requests are read belongs into ``integrations.sendgrid``.
"""
