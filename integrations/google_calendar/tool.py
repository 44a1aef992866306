"""Google Calendar's entry among the tools."""

from __future__ import annotations

from integrations.google_calendar.fetcher import google_calendar_fetcher
from integrations.google_calendar.polling import google_calendar_polling
from integrations.google_calendar.settings import SOURCE, GoogleCalendarConnection
from integrations.kit.tool import Tool

GOOGLE_CALENDAR = Tool(
    name="google_calendar",
    title="Google Calendar",
    source=SOURCE,
    connection=GoogleCalendarConnection,
    fetcher=google_calendar_fetcher,
    polling=google_calendar_polling,
    simulated=True,
)
