"""Clari Copilot's entry among the tools."""

from __future__ import annotations

from integrations.clari_copilot.polling import copilot_polling
from integrations.clari_copilot.settings import SOURCE, ClariCopilotConnection
from integrations.kit.tool import Tool

CLARI_COPILOT = Tool(
    name="clari_copilot",
    title="Clari Copilot",
    source=SOURCE,
    connection=ClariCopilotConnection,
    polling=copilot_polling,
    simulated=True,
)
