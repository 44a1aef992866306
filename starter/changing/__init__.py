"""Changing the playbook under running deals: which deals, at which rate, what it would change.

How the commands are called and what they print belongs into ``starter.commands``.
"""
