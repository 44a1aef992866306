"""Google Calendar: a seller invites the buyer of the second deal to a first meeting, and moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.cal_com import meetings
from demo.all_tools.parts.second_deal import ADA
from store import intake
from store.intake import IntakeState

_BOTH = 2


async def _invite_and_move(life: Life) -> None:
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=4)
    event = await life.tool("google_calendar").change(
        do="book", title="First meeting", starts_at=begins.isoformat(), guests=[ADA]
    )
    await _is_told(life, 1)  # Google's notices say that something changed, and what is read is how it stands then
    later = (begins + timedelta(hours=1)).isoformat()
    await life.tool("google_calendar").change(do="move", event=event, starts_at=later)
    await _is_told(life, _BOTH)
    life.heard("google_calendar", "meeting_booked", "meeting_booked")  # taken with what comes next


async def _is_told(life: Life, times: int) -> None:
    async def told() -> bool:
        kept = await intake.counts(life.stack.store, source="google_calendar")
        return kept.get(IntakeState.DISPATCHED, 0) >= times

    await life.until("the deal was told what stands in the calendar", told)


async def _compare(life: Life) -> list[Line]:
    events: Any = (await life.state("google_calendar"))["events"].values()
    there = [datetime.fromisoformat(one["starts_at"]) for one in events if not one["cancelled"]]
    here = [one.starts_at for one in (await meetings(life)).values() if one.starts_at is not None]
    return [Line("when meetings begin", *([f"{one:%d %b %H:%M}" for one in side] for side in (here, there)))]


GOOGLE_CALENDAR = Part(
    tool="google_calendar", does="calendar", acts={"meeting": _invite_and_move}, compare=_compare, deal="second"
)
