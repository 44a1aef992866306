"""How a request proves where it comes from: one module for each scheme.

What a proven request means belongs into ``integrations.kit.mapping``.
"""
