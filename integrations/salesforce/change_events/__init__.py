"""Change events over Salesforce's Pub/Sub API: subscribing, decoding, and taking them in as hints.

What a record's change means belongs to the rooms that read records; the stubs are in ``pubsub_stubs``.
"""
