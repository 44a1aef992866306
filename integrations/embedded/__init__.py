"""The CRM and the chat for a team that has none: they keep everything in the store.

What a real CRM does belongs into a folder of its own.
"""
