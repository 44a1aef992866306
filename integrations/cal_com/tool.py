"""Cal.com's entry among the tools."""

from __future__ import annotations

from integrations.cal_com.fetcher import cal_com_fetcher
from integrations.cal_com.polling import cal_com_polling
from integrations.cal_com.settings import SOURCE, CalComConnection
from integrations.kit.tool import Tool

CAL_COM = Tool(
    name="cal_com",
    title="Cal.com",
    source=SOURCE,
    connection=CalComConnection,
    fetcher=cal_com_fetcher,
    polling=cal_com_polling,
    marks_of_bookings=("changes=true", "cal.com/booking/"),  # .../booking/<uid>?changes=true, also on one's own server
    simulated=True,
)
