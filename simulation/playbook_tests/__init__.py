"""Tests that a team writes beside its playbook (``tests.yaml``): what is so, what happens, and what must follow.

``reading`` reads them, ``running`` lets a deal live what a test tells, ``judging`` compares what happened with what
should have. How they are shown on a terminal belongs into the command line.
"""
