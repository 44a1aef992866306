"""A Chorus account to try things out on: recorded conversations, its API and its hook, as documented.

How Dealwright talks to Chorus does not belong here; the simulator imports nothing of it.
"""
