"""After a restore: what Temporal knows and the store does not, and putting it right.

What a running deal repairs by itself belongs into ``dealwright.rules``.
"""
