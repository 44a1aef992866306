"""A Salesforce org to try things out on: REST, tokens, outbound messages and change events, as documented.

How Dealwright talks to Salesforce does not belong here; the simulator imports nothing of it.
"""
