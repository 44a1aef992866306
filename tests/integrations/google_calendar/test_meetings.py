"""Which events of calendars are meetings with buyers, and what they say."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from dealwright.deal import Meeting
from integrations.google_calendar.meetings import Known
from integrations.registry import TOOLS
from tests.dealwright.story import Story, of_stage
from tests.integrations.google_calendar.calendars import ANA, BEA, CARL, SAM, event, read, told

_RULES = of_stage("- {name: prepare, on: meeting_booked, do: [{task: prepare}]}")
FOR_ACME = {"private": {"dealwright_deal": "acme"}}
BOOKED = event(extendedProperties=FOR_ACME)
MOVED = event(extendedProperties=FOR_ACME, updated="2026-03-03T10:00:00.000Z", start="2026-03-06T10:00:00Z")
DECLINED = event(
    extendedProperties=FOR_ACME, updated="2026-03-03T11:00:00.000Z", start="2026-03-06T10:00:00Z",
    people={SAM: "accepted", BEA: "declined"},
)  # fmt: skip
ACCEPTED = event(
    extendedProperties=FOR_ACME, updated="2026-03-03T12:00:00.000Z", start="2026-03-06T10:00:00Z",
    people={SAM: "accepted", BEA: "accepted"},
)  # fmt: skip
CALLED_OFF = event(
    extendedProperties=FOR_ACME, updated="2026-03-03T13:00:00.000Z", start="2026-03-06T10:00:00Z", status="cancelled"
)


def known_after(*states: dict[str, Any]) -> dict[str, Meeting]:
    story = Story(_RULES, at="2026-03-02 10:00")
    story.until("2026-03-04 10:00")
    for one in told(*states):
        story.tell(one.fact, **one.payload)
    return story.state.meetings


def happened(shown: dict[str, Any], calendar: str = SAM, **settings: Any) -> str | None:
    one = read(shown, calendar, **settings)
    return None if one is None else one.happened


def kind(shown: dict[str, Any], **settings: Any) -> str | None:
    one = read(shown, **settings)
    return None if one is None else one.known.kind


def test_an_event_with_a_guest_is_a_meeting_as_of_when_it_was_last_changed() -> None:
    (booked,) = told(event(hangoutLink="https://meet.google.com/abc-defg-hij"))
    assert (booked.fact, booked.deal_ref) == ("meeting_booked", "meeting:m1")
    said = {name: value for name, value in booked.payload.items() if name not in {"id", "source"}}
    assert said == {
        "at": "2026-03-03T09:00:00Z",
        "meeting": "m1",
        "starts_at": "2026-03-05T10:00:00Z",
        "link": "https://meet.google.com/abc-defg-hij",
    }


def test_nothing_else_of_an_event_is_kept() -> None:
    (booked,) = told(event(summary="Secret", description="plan"))
    assert not any(word in booked.model_dump_json() for word in ("Secret", "plan"))
    assert BEA not in str(booked.payload)


def test_an_event_names_its_deal_by_a_private_property() -> None:
    assert told(BOOKED)[0].deal_ref == "acme"


@pytest.mark.parametrize(
    "shown",
    [
        event(people={SAM: "accepted", ANA: "accepted"}),
        event(people={}),
        event(people={SAM: "accepted", "colleague@seller.example": "accepted"}),
        event(visibility="private"),
        event(eventType="outOfOffice"),
        event(start="2026-03-05T10:00:00Z", recurrence=["RRULE:FREQ=WEEKLY"]),
        {**event(), "start": {"date": "2026-03-05"}, "end": {"date": "2026-03-06"}},
        event(summary="Interview with Bea"),
        event(description="Cancel: https://calendly.com/cancellations/1234"),
        event(attendees=[{"email": SAM, "self": True}, {"email": "room@resource.example", "resource": True}]),
    ],
    ids=["ours alone", "nobody", "our domain", "private", "absence", "weekly", "all day",
         "ignored title", "told by Calendly", "a room"],
)  # fmt: skip
def test_what_is_no_meeting_with_a_buyer_is_not_told(shown: dict[str, Any]) -> None:
    assert read(shown, ignore_titles=["interview"], told_by_others=["calendly.com/cancellations/"]) is None


BY_CALENDLY = "Need to make changes to this event?\nCancel: https://calendly.com/cancellations/1234"
BY_CAL_COM = '<a href="https://meet.seller.example/booking/x9?changes=true">Click here</a>'


@pytest.mark.parametrize(("tool", "text"), [("calendly", BY_CALENDLY), ("cal_com", BY_CAL_COM)])
def test_a_booking_is_left_out_while_the_tool_is_connected_that_tells_of_it(tool: str, text: str) -> None:
    assert happened(event(description=text), marks=TOOLS[tool].marks_of_bookings) is None
    assert happened(event(description=text), marks=()) == "booked"


def test_what_was_booked_on_a_buyers_page_is_told_here_alone() -> None:
    shown = event(description=BY_CALENDLY, organizer=BEA)
    assert happened(shown, marks=TOOLS["calendly"].marks_of_bookings) == "booked"


SINGLE = {"id": "m0_20260305T100000Z", "recurringEventId": "m0", "iCalUID": "m0@google.com"}


def test_a_single_one_of_an_event_that_repeats_is_a_meeting_of_its_own() -> None:
    one = read(event(**SINGLE))
    assert one is not None
    assert (one.known.meeting, one.happened) == ("m0_20260305T100000Z", "booked")
    assert happened(event(**SINGLE), repeats_days=0) is None


def test_single_ones_of_an_invitation_from_elsewhere_that_repeats_have_names_of_their_own() -> None:
    def named(id_: str, day: str) -> str:
        invited = {**SINGLE, "id": id_, "iCalUID": "040000008200E0", "organizer": BEA}
        one = read(event(originalStartTime={"dateTime": f"2026-03-{day}T10:00:00Z"}, **invited))
        assert one is not None
        return one.known.meeting

    assert named("x_1", "05") == named("y_1", "05") != named("x_2", "12")


def test_an_event_that_names_a_deal_is_told_though_it_is_private_and_without_guests() -> None:
    assert happened(event(people={}, visibility="private", extendedProperties=FOR_ACME)) == "booked"


def test_a_title_or_a_private_property_makes_it_a_demo() -> None:
    assert kind(event(summary="Product Demo"), demo_titles=["demo"]) == "demo"
    assert kind(event(extendedProperties={"private": {"dealwright_kind": "demo"}})) == "demo"
    assert kind(event(summary="Product Demo")) == "meeting"


def test_of_several_copies_the_organizers_counts() -> None:
    people = {SAM: "accepted", ANA: "accepted", BEA: "accepted"}
    assert happened(event(people=people), SAM) == "booked"
    assert happened(event(ANA, people=people), ANA) is None


def test_of_an_invitation_from_elsewhere_the_first_copy_of_ours_counts_under_one_name() -> None:
    people = {ANA: "accepted", SAM: "accepted", BEA: "accepted"}
    invited = {"people": people, "organizer": BEA, "iCalUID": "040000008200E00074C5B7101A82E008"}
    ours = read(event(SAM, **invited), SAM)
    assert ours is not None
    assert ours.known.meeting.startswith("ical-")
    assert read(event(ANA, **invited), ANA) is None


def test_a_copy_that_a_colleague_deleted_calls_nothing_off() -> None:
    known = Known(SAM, "m1", "meeting", None)
    assert read({"id": "m1", "status": "cancelled"}, ANA, known=known) is None


def test_a_deleted_event_that_says_its_id_alone_is_known_from_before() -> None:
    (_, cancelled) = told(BOOKED, {"id": "m1", "status": "cancelled", "etag": '"7"'})
    assert (cancelled.fact, cancelled.deal_ref, cancelled.payload["meeting"]) == ("meeting_cancelled", "acme", "m1")


def test_a_deleted_event_of_which_nothing_is_known_is_not_told() -> None:
    assert told({"id": "dentist", "status": "cancelled"}) == []


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ({SAM: "accepted", BEA: "declined"}, "cancelled"),
        ({SAM: "accepted", BEA: "declined", CARL: "needsAction"}, "booked"),
        ({SAM: "declined", BEA: "accepted"}, "cancelled"),
        ({SAM: "declined", ANA: "tentative", BEA: "accepted"}, "booked"),
    ],
    ids=["the buyer declined", "one of two declined", "we declined", "one of us comes"],
)
def test_it_is_called_off_once_nobody_of_one_side_comes(people: dict[str, str], expected: str) -> None:
    assert happened(event(people=people)) == expected


def test_a_meeting_whose_guests_were_all_taken_out_is_called_off() -> None:
    assert [one.fact for one in told(event(), event(people={}, updated="2026-03-04T09:00:00Z"))] == [
        "meeting_booked", "meeting_cancelled",
    ]  # fmt: skip


def test_an_offset_counts_before_the_time_zone_beside_it() -> None:
    shown = {**event(), "start": {"dateTime": "2026-03-05T10:00:00+02:00", "timeZone": "UTC"}}
    assert told(shown)[0].payload["starts_at"] == "2026-03-05T10:00:00+02:00"


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ((BOOKED, MOVED, DECLINED), "cancelled"),
        ((BOOKED, MOVED, DECLINED, ACCEPTED), "booked"),
        ((MOVED, DECLINED, ACCEPTED, CALLED_OFF), "cancelled"),
    ],
    ids=["declined", "accepted after all", "called off"],
)
def test_in_whatever_order_it_is_read_the_same_is_known(states: tuple[dict[str, Any], ...], status: str) -> None:
    for order in permutations(states):
        (meeting,) = known_after(*order).values()
        assert (meeting.id, meeting.status, f"{meeting.starts_at:%d %H:%M}") == ("m1", status, "06 10:00"), [
            one["updated"] for one in order
        ]


def test_what_is_read_twice_is_one_event() -> None:
    first, again = told(BOOKED, BOOKED)
    assert first.event_id == again.event_id
    assert len({one.event_id for one in told(BOOKED, MOVED, DECLINED, ACCEPTED, CALLED_OFF)}) == 5
