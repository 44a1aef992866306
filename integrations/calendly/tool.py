"""Calendly's entry among the tools."""

from __future__ import annotations

from integrations.calendly.fetcher import calendly_fetcher
from integrations.calendly.polling import calendly_polling
from integrations.calendly.settings import SOURCE, CalendlyConnection
from integrations.kit.tool import Tool

CALENDLY = Tool(
    name="calendly",
    title="Calendly",
    source=SOURCE,
    connection=CalendlyConnection,
    fetcher=calendly_fetcher,
    polling=calendly_polling,
    marks_of_bookings=("calendly.com/cancellations/", "calendly.com/reschedulings/"),
    simulated=True,
)
