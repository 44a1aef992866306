"""What Cal.com's webhooks mean for a deal."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from dealwright.deal import Meeting
from store.intake import IntakeState
from tests.dealwright.story import Story, of_stage
from tests.integrations.cal_com.webhooks import DEMO_TYPE, ended, fetched, no_show, read, source, webhook

_RULES = of_stage("- {name: prepare, on: meeting_booked, do: [{task: prepare}]}")
Told = tuple[dict[str, Any], dict[str, Any]]
BOOKED = webhook("BOOKING_CREATED", "a", "2026-03-03T09:00:00Z"), fetched()
MOVED = webhook("BOOKING_RESCHEDULED", "b", "2026-03-04T09:00:00Z", "2026-03-06T10:00:00Z"), fetched(moved=True)
MISSED = no_show("b", "2026-03-06T11:00:00Z", absent=True), fetched(moved=True, came=False)
TAKEN_BACK = no_show("b", "2026-03-06T12:00:00Z", absent=False), fetched(moved=True)
MARKED_AGAIN = no_show("b", "2026-03-06T12:30:00Z", absent=True), fetched(moved=True, came=False)
CANCELLED = webhook("BOOKING_CANCELLED", "b", "2026-03-06T13:00:00Z"), fetched(moved=True, accepted=False)


def known_after(*told: Told) -> dict[str, Meeting]:
    story = Story(_RULES, at="2026-03-02 10:00")
    story.until("2026-03-07 10:00")
    for document, known in told:
        event = read(document, known)
        if event.state is IntakeState.WAITING:
            story.tell(event.fact, **event.payload)
    return story.state.meetings


def test_a_booking_is_told_with_its_time_and_link() -> None:
    event = read(*BOOKED)
    assert (event.fact, event.deal_ref) == ("meeting_booked", "acme")
    assert {name: event.payload[name] for name in ("at", "meeting", "starts_at", "link")} == {
        "at": "2026-03-03T09:00:00Z",
        "meeting": "a",
        "starts_at": "2026-03-05T10:00:00Z",
        "link": "https://video.example/a",
    }


def test_a_booking_over_a_link_that_names_no_deal_is_known_by_its_meeting_and_by_who_takes_part() -> None:
    event = read(BOOKED[0], fetched(deal=None, guests=["Ana@buyer.example", "no address", "bo@buyer.example"]))
    assert (event.deal_ref, event.contacts) == ("meeting:a", ("ana@buyer.example", "bo@buyer.example"))


def test_an_event_type_may_be_a_demo() -> None:
    demos, of_demo = source({str(DEMO_TYPE): "demo"}), {"event_type": DEMO_TYPE}
    assert read(BOOKED[0], fetched(**of_demo), demos).payload["demo"] == "a"
    taken_back = read(TAKEN_BACK[0], fetched(**of_demo), demos)
    assert taken_back.payload.items() >= {"retracts": "demo_missed", "about": "a"}.items()


@pytest.mark.parametrize("of", [source({"101": "ignore"}), source(other_event_types="ignore")])
def test_event_types_that_are_not_followed_are_skipped(of: Any) -> None:
    assert read(*BOOKED, of=of).state is IntakeState.SKIPPED


def test_what_says_nothing_of_a_meeting_is_skipped_and_nothing_is_fetched_for_it() -> None:
    assert read({"triggerEvent": "PING", "createdAt": "2026-03-03T09:00:00Z"}).state is IntakeState.SKIPPED


def test_a_new_time_that_the_host_refuses_calls_the_meeting_off() -> None:
    rejected = webhook("BOOKING_REJECTED", "b", "2026-03-04T10:00:00Z")
    assert read(rejected, fetched(moved=True)).fact == "meeting_cancelled"
    assert read(rejected, fetched()).state is IntakeState.SKIPPED


def test_a_meeting_to_which_others_of_the_buyer_came_was_not_missed() -> None:
    assert read(MISSED[0], fetched(came=True)).state is IntakeState.SKIPPED


def test_that_our_own_side_did_not_come_is_no_miss_of_the_buyer() -> None:
    host = no_show("b", "2026-03-06T11:00:00Z", absent=True, attendees=[], noShowHost=True)
    assert read(host, fetched(came=False)).state is IntakeState.SKIPPED


def test_the_end_of_a_meetings_time_says_that_it_was_held_only_where_that_is_wished() -> None:
    held = source(ended="held")
    assert read(ended("a")).state is IntakeState.SKIPPED
    event = read(ended("a"), of=held)
    assert (event.fact, event.payload["at"]) == ("meeting_held", "2026-03-06T10:30:00Z")
    for otherwise in ({"came": False}, {"accepted": False}):
        assert read(ended("a"), fetched(**otherwise), held).state is IntakeState.SKIPPED


def test_each_mark_of_a_no_show_is_an_event_of_its_own_and_a_booking_is_one_however_it_is_told() -> None:
    again = webhook("BOOKING_CREATED", "b", "2026-03-04T09:00:01Z")
    assert len({read(*one).event_id for one in (MISSED, TAKEN_BACK, MARKED_AGAIN)}) == 3
    assert read(*MOVED).event_id == read(again).event_id
    assert known_after(BOOKED, MOVED, MISSED, TAKEN_BACK, MARKED_AGAIN)["a"].status == "missed"


@pytest.mark.parametrize(
    ("happened", "status"),
    [
        ((BOOKED, MOVED, MISSED), "missed"),
        ((BOOKED, MOVED, MISSED, TAKEN_BACK), "booked"),
        ((BOOKED, MOVED, MISSED, TAKEN_BACK, CANCELLED), "cancelled"),
        ((BOOKED, MOVED, CANCELLED), "cancelled"),
        ((BOOKED, MOVED, MISSED, TAKEN_BACK, MARKED_AGAIN), "missed"),
    ],
    ids=["missed", "taken back", "cancelled", "moved and cancelled", "marked again"],
)
def test_in_whatever_order_it_comes_the_same_is_known(happened: tuple[Told, ...], status: str) -> None:
    for order in permutations(happened):
        (meeting,) = known_after(*order).values()
        assert (meeting.id, meeting.status, f"{meeting.starts_at:%d %H:%M}") == ("a", status, "06 10:00"), [
            document["triggerEvent"] for document, _ in order
        ]
