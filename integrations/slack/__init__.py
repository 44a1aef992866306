"""Slack: notices to channels and people.

What chats share that take an incoming webhook belongs into ``integrations.chat``.
"""
