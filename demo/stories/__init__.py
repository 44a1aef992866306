"""The demo's eight deals, one module each: who is in them, and what happens when.

How a story is told belongs into ``demo``.
"""
