"""Gong's entry among the tools."""

from __future__ import annotations

from integrations.gong.fetcher import gong_fetcher
from integrations.gong.polling import gong_polling
from integrations.gong.settings import SOURCE, GongConnection
from integrations.kit.tool import Tool

GONG = Tool(
    name="gong",
    title="Gong",
    source=SOURCE,
    connection=GongConnection,
    fetcher=gong_fetcher,
    polling=gong_polling,
    simulated=True,
)
