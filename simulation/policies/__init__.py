"""Policies: what must never or always be in the deals of a playbook, written beside it in ``policies.yaml``.

How they are tried on random lives belongs into ``simulation.proving``; the laws of the engine into ``simulation.laws``.
"""
