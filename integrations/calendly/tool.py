"""Calendly's entry among the tools. What makes an adapter imports it when it is called."""

from __future__ import annotations

from integrations.calendly.settings import SOURCE, CalendlyConnection
from integrations.kit.inbound import Fetcher
from integrations.kit.ports import PollingSource
from integrations.kit.tool import Connected, Tool


def _fetcher(connected: Connected) -> Fetcher:
    from integrations.calendly.fetcher import calendly_fetcher

    return calendly_fetcher(connected)


def _polling(connected: Connected) -> PollingSource:
    from integrations.calendly.polling import calendly_polling

    return calendly_polling(connected)


CALENDLY = Tool(
    name="calendly",
    title="Calendly",
    source=SOURCE,
    connection=CalendlyConnection,
    fetcher=_fetcher,
    polling=_polling,
    marks_of_bookings=("calendly.com/cancellations/", "calendly.com/reschedulings/"),
    simulated=True,
)
