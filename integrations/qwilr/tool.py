"""Qwilr's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.qwilr.documents import qwilr_documents
from integrations.qwilr.fetcher import qwilr_fetcher
from integrations.qwilr.polling import qwilr_polling
from integrations.qwilr.settings import SOURCE, QwilrConnection

QWILR = Tool(
    name="qwilr",
    title="Qwilr",
    source=SOURCE,
    connection=QwilrConnection,
    documents=qwilr_documents,
    fetcher=qwilr_fetcher,
    polling=qwilr_polling,
    simulated=True,
)
