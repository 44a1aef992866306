"""HubSpot's entry among the tools."""

from __future__ import annotations

from integrations.hubspot.crm import hubspot_crm
from integrations.hubspot.fetcher import hubspot_fetcher
from integrations.hubspot.inbound import HubSpotWebhooks
from integrations.hubspot.polling import hubspot_polling
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.tool import Tool

HUBSPOT = Tool(
    name="hubspot",
    title="HubSpot",
    source="hubspot",
    connection=HubSpotConnection,
    crm=hubspot_crm,
    handler=HubSpotWebhooks,
    fetcher=hubspot_fetcher,
    polling=hubspot_polling,
    simulated=True,
)
