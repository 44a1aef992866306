"""A Temporal server on this machine: found or built, started, watched and stopped.

What is run on it belongs into ``local``.
"""
