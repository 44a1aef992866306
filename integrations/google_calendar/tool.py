"""Google Calendar's entry among the tools. What makes an adapter imports it when it is called."""

from __future__ import annotations

from integrations.google_calendar.settings import SOURCE, GoogleCalendarConnection
from integrations.kit.inbound import Fetcher
from integrations.kit.ports import PollingSource
from integrations.kit.tool import Connected, Tool


def _fetcher(connected: Connected) -> Fetcher:
    from integrations.google_calendar.fetcher import google_calendar_fetcher

    return google_calendar_fetcher(connected)


def _polling(connected: Connected) -> PollingSource:
    from integrations.google_calendar.polling import google_calendar_polling

    return google_calendar_polling(connected)


GOOGLE_CALENDAR = Tool(
    name="google_calendar",
    title="Google Calendar",
    source=SOURCE,
    connection=GoogleCalendarConnection,
    fetcher=_fetcher,
    polling=_polling,
    simulated=True,
)
