"""Clari: what is forecast of an opportunity, and when it should close, by asking its API.

What forecasts mean for a deal stands in ``dealwright.facts``; a simulated organization belongs into ``simulator``.
"""
