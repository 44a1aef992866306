"""The nine laws of the core, each judged by an examiner that reads the journal and the effects, and nothing else.

What is no law, but must hold in every life, belongs into ``simulation``.
"""
