"""Meteroid: contract terms billed there, and what its events mean for a deal.

What all billing tools share belongs into ``integrations.kit``; a simulated instance into ``simulator``.
"""
