"""Calendly: the buyer of the second deal books a demo, and moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.second_deal import ADA


async def _book_and_move(life: Life) -> None:
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    tracking = {"utm_source": "dealwright", "utm_content": life.deal.deal_id}
    booked: Any = await life.tool("calendly").change(
        do="book", event_type="Demo", starts_at=begins.isoformat(), email=ADA, tracking=tracking
    )
    life.heard("calendly", "demo_booked")  # nothing waits for it: it is taken with what comes next
    later = (begins + timedelta(hours=1)).isoformat()
    await life.tool("calendly").change(do="reschedule", invitee=booked["uri"], starts_at=later)
    await life.hears("calendly", "demo_booked")


async def _compare(life: Life) -> list[Line]:
    invitees = (await life.state("calendly"))["invitees"].values()
    stand = [one for one in invitees if one["email"] == ADA and not one["cancellation"]]
    known: dict[str, Any] = {}
    for fact in await life.taken():
        known |= fact.things.demos if fact.things is not None else {}
    here = [one.starts_at for one in known.values() if one.starts_at is not None and one.status == "booked"]
    there = [datetime.fromisoformat(one["starts_at"]) for one in stand]
    return [Line("when demos begin", [f"{one:%d %b %H:%M}" for one in here], [f"{one:%d %b %H:%M}" for one in there])]


CALENDLY = Part(tool="calendly", does="calendar", acts={"meeting": _book_and_move}, compare=_compare, deal="second")
