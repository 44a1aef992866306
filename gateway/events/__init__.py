"""What deals send to other services: entries of the journal as CloudEvents, asked for or delivered.

What comes in from other tools belongs into ``gateway.webhooks``, the rows themselves into ``store.event_feed``.
"""
