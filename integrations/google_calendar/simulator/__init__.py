"""Google calendars to try things out on: events, sync tokens, watch channels and their notices, access tokens.

How Dealwright talks to Google does not belong here; the simulator imports nothing of it.
"""
