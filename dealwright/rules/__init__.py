"""What ``decide`` is made of: one module for each thing a deal does.

Pure: no I/O, no clock. What a playbook says stands in ``dealwright.playbook``.
"""
