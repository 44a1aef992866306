"""PandaDoc's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.pandadoc.documents import pandadoc_documents
from integrations.pandadoc.inbound import PandaDocWebhooks
from integrations.pandadoc.polling import pandadoc_polling
from integrations.pandadoc.settings import SOURCE, PandaDocConnection

PANDADOC = Tool(
    name="pandadoc",
    title="PandaDoc",
    source=SOURCE,
    connection=PandaDocConnection,
    documents=pandadoc_documents,
    handler=PandaDocWebhooks,
    polling=pandadoc_polling,
    simulated=True,
)
