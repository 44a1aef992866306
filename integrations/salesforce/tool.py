"""Salesforce's entry in the registry: what it offers, made when it is first used."""

from __future__ import annotations

from integrations.kit.inbound import InboundHandler
from integrations.kit.ports import Crm, Listener, PollingSource
from integrations.kit.tool import Connected, Tool
from integrations.salesforce.settings import SalesforceConnection


def _crm(connected: Connected) -> Crm:
    from integrations.salesforce.adapter import crm

    return crm(connected)


def _inbound(connected: Connected | None) -> InboundHandler:
    from integrations.salesforce.adapter import inbound

    return inbound(connected)


def _polling(connected: Connected) -> PollingSource:
    from integrations.salesforce.adapter import polling

    return polling(connected)


def _listener(connected: Connected) -> Listener | None:
    from integrations.salesforce.adapter import listener

    return listener(connected)


SALESFORCE = Tool(
    name="salesforce",
    title="Salesforce",
    source="salesforce",
    connection=SalesforceConnection,
    crm=_crm,
    handler=_inbound,
    polling=_polling,
    listener=_listener,
    simulated=True,
)
