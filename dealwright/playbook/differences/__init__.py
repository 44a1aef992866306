"""In what two playbooks differ, in words: by the names of stages, plays and steps, exact for anything else.

What a difference does to a deal belongs into ``dealwright.impact``.
"""
