"""A deal that lives in calendars, mail and chat: Calendly, Google Calendar, SMTP both ways, and Slack."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dealwright.facts import LeadQualified
from store import intake
from store.intake import IntakeState
from tests.faults.calendar_world import (
    ANSWERED,
    BEA,
    DEMO_BOOKED,
    DEMO_OFF,
    SAM,
    CalendarWorld,
    a_post_office,
)

pytestmark = pytest.mark.server


async def test_one_life_in_calendars_mail_and_chat(calendars: CalendarWorld) -> None:
    """Every tool tells things twice and in disorder, and our processes are killed on the way."""
    for simulator in (calendars.google, calendars.calendly):
        await simulator.switch(duplicate=-1, reorder=True, retry_after=0.5)
    await calendars.watched()
    deal_id = await calendars.begin()
    await calendars.world.deals.record(deal_id, LeadQualified(id="q", level="sql"))

    async with a_post_office(calendars.environment["DEALWRIGHT_PUBLIC_URL"]) as post_office:
        await post_office.answer(await calendars.letter(deal_id), "Tell me more.")
        await calendars.read_in_slack(deal_id, ANSWERED)

    first = await _book_a_meeting_that_is_moved(calendars, deal_id)
    await calendars.knows(deal_id, "meeting", "booked", first)

    demo, at = await _a_demo(calendars, deal_id)
    await calendars.knows(deal_id, "demo", "booked", at)
    await calendars.read_in_slack(deal_id, DEMO_BOOKED)
    await calendars.kill("gateway")
    await calendars.google.change(do="respond", event=demo, email=BEA, response="declined")
    await calendars.read_in_slack(deal_id, DEMO_OFF)
    await calendars.kill("worker")
    await calendars.google.change(do="move", event=demo, starts_at=(at + timedelta(days=1)).isoformat())
    await calendars.knows(deal_id, "demo", "booked", at + timedelta(days=1))
    await calendars.read_in_slack(deal_id, DEMO_BOOKED, times=2)
    await calendars.quiet()

    await _both_sides_agree(calendars, deal_id)
    await _nothing_is_there_twice(calendars, deal_id)


async def _book_a_meeting_that_is_moved(calendars: CalendarWorld, deal_id: str) -> datetime:
    """Bea books in Calendly, which writes it into Sam's calendar, and then moves it; returns when it is to begin."""
    at = _in_days(3)
    tracking = {"utm_source": "dealwright", "utm_content": deal_id}
    booked: Any = await calendars.calendly.change(do="book", starts_at=at.isoformat(), email=BEA, tracking=tracking)
    cancel = f"Cancel: https://calendly.com/cancellations/{str(booked['uri']).rpartition('/')[2]}"
    copy = await calendars.google.change(
        do="book", starts_at=at.isoformat(), guests=[BEA], organizer=SAM, description=cancel
    )
    await calendars.knows(deal_id, "meeting", "booked", at)
    moved = at + timedelta(hours=2)
    await calendars.calendly.change(do="reschedule", invitee=booked["uri"], starts_at=moved.isoformat())
    await calendars.google.change(do="move", event=copy, starts_at=moved.isoformat())
    return moved


async def _a_demo(calendars: CalendarWorld, deal_id: str) -> tuple[str, datetime]:
    at = _in_days(6)
    demo = await calendars.google.change(
        do="book", title="Demo", starts_at=at.isoformat(), organizer=SAM, guests=[BEA],
        private={"dealwright_deal": deal_id, "dealwright_kind": "demo"},
    )  # fmt: skip
    return str(demo), at


async def _both_sides_agree(calendars: CalendarWorld, deal_id: str) -> None:
    google: Any = await calendars.google.state()
    calendly: Any = await calendars.calendly.state()
    demos = {id_: one for id_, one in google["events"].items() if one["private"] and not one["cancelled"]}
    (stands,) = [one for one in calendly["invitees"].values() if not one["cancellation"]]
    here = await calendars.meetings(deal_id, "demo")
    assert {id_: one.starts_at for id_, one in here.items()} == {
        id_: datetime.fromisoformat(one["starts_at"]) for id_, one in demos.items()
    }
    (meeting,) = (await calendars.meetings(deal_id, "meeting")).values()
    assert meeting.starts_at == datetime.fromisoformat(stands["starts_at"])
    assert await calendars.not_told() == {}


async def _nothing_is_there_twice(calendars: CalendarWorld, deal_id: str) -> None:
    assert Counter(await calendars.slack(deal_id)) == {ANSWERED: 1, DEMO_BOOKED: 2, DEMO_OFF: 1}
    slack: Any = await calendars.simulators["slack"].state()
    keys = [str(one["metadata"]) for one in slack["messages"]]
    assert len(keys) == len(set(keys))
    assert len(calendars.letters(deal_id)) == 1
    assert len(await calendars.facts(deal_id, "reply_received")) == 1
    for fact, times in {"meeting_booked": 2, "demo_booked": 2, "demo_cancelled": 1, "meeting_cancelled": 0}.items():
        news = [one for one in await calendars.facts(deal_id, fact) if one.no_news is None]
        assert len(news) == times, (fact, news)
    told = [row.event_id for row in await intake.recent(calendars.world.store) if row.state is IntakeState.DISPATCHED]
    assert len(told) == len(set(told))


def _in_days(days: int) -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
