"""DocuSign's entry among the tools."""

from __future__ import annotations

from integrations.docusign.documents import docusign_documents
from integrations.docusign.inbound import DocuSignWebhooks
from integrations.docusign.polling import docusign_polling
from integrations.docusign.settings import SOURCE, DocuSignConnection
from integrations.kit.tool import Tool

DOCUSIGN = Tool(
    name="docusign",
    title="DocuSign",
    source=SOURCE,
    connection=DocuSignConnection,
    documents=docusign_documents,
    handler=DocuSignWebhooks,
    polling=docusign_polling,
    simulated=True,
)
