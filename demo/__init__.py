"""Eight deals, told as they happen on virtual clocks, and counted at the end.

What the demo runs on belongs into ``local``.
"""
