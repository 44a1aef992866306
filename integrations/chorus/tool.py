"""Chorus's entry among the tools."""

from __future__ import annotations

from integrations.chorus.fetcher import chorus_fetcher
from integrations.chorus.polling import chorus_polling
from integrations.chorus.settings import SOURCE, ChorusConnection
from integrations.kit.tool import Tool

CHORUS = Tool(
    name="chorus",
    title="Chorus",
    source=SOURCE,
    connection=ChorusConnection,
    fetcher=chorus_fetcher,
    polling=chorus_polling,
    simulated=True,
)
