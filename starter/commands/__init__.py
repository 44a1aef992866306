"""The commands of ``dealwright``, one module for each group of them.

What a command does belongs into the room that it is about.
"""
