"""Salesforce's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.salesforce import adapter
from integrations.salesforce.settings import SalesforceConnection

SALESFORCE = Tool(
    name="salesforce",
    title="Salesforce",
    source="salesforce",
    connection=SalesforceConnection,
    crm=adapter.crm,
    handler=adapter.inbound,
    polling=adapter.polling,
    listener=adapter.listener,
    simulated=True,
)
