"""``dealwright repair``: brings the store in line with Temporal after one of them was restored.

What a running deal repairs by itself belongs into ``dealwright.rules``.
"""
