"""Clari's entry among the tools."""

from __future__ import annotations

from integrations.clari.polling import clari_polling
from integrations.clari.settings import SOURCE, ClariConnection
from integrations.kit.tool import Tool

CLARI = Tool(
    name="clari",
    title="Clari",
    source=SOURCE,
    connection=ClariConnection,
    polling=clari_polling,
    simulated=True,
)
