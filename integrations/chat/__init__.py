"""A chat's incoming webhook: Slack, Mattermost, Teams.

What is said belongs into ``dealwright.rules``.
"""
