"""Pipedrive's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.pipedrive.crm import pipedrive_crm
from integrations.pipedrive.fetcher import pipedrive_fetcher
from integrations.pipedrive.inbound import PipedriveWebhooks
from integrations.pipedrive.polling import pipedrive_polling
from integrations.pipedrive.settings import PipedriveConnection

PIPEDRIVE = Tool(
    name="pipedrive",
    title="Pipedrive",
    source="pipedrive",
    connection=PipedriveConnection,
    crm=pipedrive_crm,
    handler=PipedriveWebhooks,
    fetcher=pipedrive_fetcher,
    polling=pipedrive_polling,
    simulated=True,
)
