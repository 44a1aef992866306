"""At the door: what deals, facts and commands must fulfil beyond their types, and how it is said.

What a playbook must fulfil belongs into ``dealwright.playbook``.
"""
