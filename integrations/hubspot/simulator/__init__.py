"""A HubSpot that runs on this machine: CRM objects, webhooks and journal as HubSpot documents them.

How Dealwright talks to HubSpot belongs into ``integrations.hubspot``.
"""
