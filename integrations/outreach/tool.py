"""Outreach's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.outreach.fetcher import outreach_fetcher
from integrations.outreach.polling import outreach_polling
from integrations.outreach.sequences import outreach_sequences
from integrations.outreach.settings import SOURCE, OutreachConnection
from integrations.outreach.tasks import outreach_tasks

OUTREACH = Tool(
    name="outreach",
    title="Outreach",
    source=SOURCE,
    connection=OutreachConnection,
    engagement=outreach_sequences,
    touches=outreach_tasks,
    fetcher=outreach_fetcher,
    polling=outreach_polling,
    simulated=True,
)
