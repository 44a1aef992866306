"""What a deal learns from facts: by when they happened, part by part, and what is so again when one is taken back.

What follows from it belongs into ``dealwright.rules``.
"""
