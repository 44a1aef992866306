"""The property of ours in HubSpot."""

from __future__ import annotations

KEY = "dealwright_key"
"""The unique property that we create in HubSpot: by it an object that we write is known when we write it again."""
