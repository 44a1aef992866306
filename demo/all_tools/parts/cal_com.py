"""Cal.com: the buyer books a meeting over the deal's link, and moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dealwright.deal import Meeting
from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.hubspot import CONTACT


async def _book_and_move(life: Life) -> None:
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    marks = {"dealwright_deal": life.deal.deal_id}
    booked: Any = await life.tool("cal_com").change(
        do="book", event_type=101, starts_at=begins.isoformat(), email=CONTACT, metadata=marks
    )
    await life.hears("cal_com", "meeting_booked")
    later = (begins + timedelta(hours=1)).isoformat()
    await life.tool("cal_com").change(do="reschedule", booking=booked["uid"], starts_at=later)
    await life.hears("cal_com", "meeting_booked")


async def meetings(life: Life) -> dict[str, Meeting]:
    """The meetings that the deal knows."""
    found: dict[str, Meeting] = {}
    for fact in await life.taken():
        if fact.things is not None:
            found |= fact.things.meetings
    return found


async def _compare(life: Life) -> list[Line]:
    bookings = (await life.state("cal_com"))["bookings"].values()
    own = [one for one in bookings if one["status"] == "accepted" and one["attendees"][0]["email"] == CONTACT]
    there = [datetime.fromisoformat(one["starts_at"]) for one in own]
    here = [one.starts_at for one in (await meetings(life)).values() if one.starts_at is not None]
    return [Line("when meetings begin", _shown(here), _shown(there))]


def _shown(times: list[datetime]) -> list[str]:
    return [f"{one:%d %b %H:%M}" for one in sorted(times)]


CAL_COM = Part(tool="cal_com", does="calendar", acts={"meeting": _book_and_move}, compare=_compare)
