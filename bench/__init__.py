"""What a deal costs, each figure a ratio against a bare workflow in the same run.

Whether something works belongs into ``tests``.
"""
