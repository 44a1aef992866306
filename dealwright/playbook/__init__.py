"""The playbook: a team's rules as data, how they are read, and what is checked before they are used.

What the rules do with it belongs into ``dealwright.rules``.
"""
