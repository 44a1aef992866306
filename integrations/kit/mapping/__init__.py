"""Mapping files: what a tool's events mean for a deal, as data.

How a request proves where it comes from belongs into ``integrations.kit.proof``.
"""
