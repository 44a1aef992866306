"""The steps of a play: one module for each action that a playbook's file may ask for, with what it says about itself.

What happens when a step is due stands in ``dealwright.rules.actions``.
"""
