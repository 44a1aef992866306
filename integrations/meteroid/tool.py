"""Meteroid's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.meteroid.billing import meteroid_billing
from integrations.meteroid.polling import meteroid_polling
from integrations.meteroid.settings import SOURCE, MeteroidConnection

METEROID = Tool(
    name="meteroid",
    title="Meteroid",
    source=SOURCE,
    connection=MeteroidConnection,
    billing=meteroid_billing,
    polling=meteroid_polling,
    simulated=True,
)
