"""A Pipedrive that runs on this machine: API v2 and v1, limits and webhooks as Pipedrive documents them.

How Dealwright talks to Pipedrive belongs into ``integrations.pipedrive``.
"""
