"""A Clari Copilot workspace to try things out on: its calls by its API, as documented.

How Dealwright talks to Clari Copilot does not belong here; the simulator imports nothing of it.
"""
