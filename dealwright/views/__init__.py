"""What people and services read of a deal, made from its state alone: the snapshot, the page of the Temporal UI.

What is decided belongs into ``dealwright.rules``.
"""
