"""Pipedrive's entry among the tools. What makes an adapter imports it when it is called."""

from __future__ import annotations

from integrations.kit.inbound import Fetcher
from integrations.kit.ports import Crm, PollingSource
from integrations.kit.tool import Connected, Tool
from integrations.pipedrive.inbound import PipedriveWebhooks
from integrations.pipedrive.settings import PipedriveConnection


def _crm(connected: Connected) -> Crm:
    from integrations.pipedrive.crm import pipedrive_crm

    return pipedrive_crm(connected)


def _fetcher(connected: Connected) -> Fetcher:
    from integrations.pipedrive.fetcher import pipedrive_fetcher

    return pipedrive_fetcher(connected)


def _polling(connected: Connected) -> PollingSource:
    from integrations.pipedrive.polling import pipedrive_polling

    return pipedrive_polling(connected)


PIPEDRIVE = Tool(
    name="pipedrive",
    title="Pipedrive",
    source="pipedrive",
    connection=PipedriveConnection,
    crm=_crm,
    handler=PipedriveWebhooks,
    fetcher=_fetcher,
    polling=_polling,
    simulated=True,
)
