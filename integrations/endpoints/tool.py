"""The team's own endpoints' entry among the tools."""

from __future__ import annotations

from integrations.endpoints.settings import EndpointsConnection
from integrations.kit.tool import Tool

ENDPOINTS = Tool(name="endpoints", title="Your own endpoints", connection=EndpointsConnection)
