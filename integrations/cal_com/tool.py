"""Cal.com's entry among the tools. What makes an adapter imports it when it is called."""

from __future__ import annotations

from integrations.cal_com.settings import SOURCE, CalComConnection
from integrations.kit.inbound import Fetcher
from integrations.kit.ports import PollingSource
from integrations.kit.tool import Connected, Tool


def _fetcher(connected: Connected) -> Fetcher:
    from integrations.cal_com.fetcher import cal_com_fetcher

    return cal_com_fetcher(connected)


def _polling(connected: Connected) -> PollingSource:
    from integrations.cal_com.polling import cal_com_polling

    return cal_com_polling(connected)


CAL_COM = Tool(
    name="cal_com",
    title="Cal.com",
    source=SOURCE,
    connection=CalComConnection,
    fetcher=_fetcher,
    polling=_polling,
    marks_of_bookings=("changes=true", "cal.com/booking/"),  # .../booking/<uid>?changes=true, also on one's own server
    simulated=True,
)
