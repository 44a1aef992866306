"""A Slack workspace that runs on this machine: messages, people and buttons as Slack documents them.

How Dealwright talks to Slack belongs into ``integrations.slack``.
"""
