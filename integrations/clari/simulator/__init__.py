"""A Clari organization to try things out on: its opportunities and limits by its API, as documented.

How Dealwright talks to Clari does not belong here; the simulator imports nothing of it.
"""
