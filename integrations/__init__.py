"""The tools around a deal, one folder each: what it sends in, what is handed over to it, its settings.

What all tools share belongs into ``integrations.kit``; when something is handed over is decided elsewhere.
"""
