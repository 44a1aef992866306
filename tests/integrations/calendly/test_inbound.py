"""What Calendly's webhooks mean for a deal."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from dealwright.deal import Meeting
from store.intake import Event, IntakeState
from tests.dealwright.story import Story, of_stage
from tests.integrations.calendly.webhooks import DEMO_TYPE, FROM_US, INVITEES, read, recorded, source, webhook

_RULES = of_stage("- {name: prepare, on: meeting_booked, do: [{task: prepare}]}")
FIRST = {"first": "a", "tracking": None}
BOOKED = webhook("invitee.created", "a", "2026-03-03T09:00:00Z", "2026-03-05T10:00:00Z")
MOVED_AWAY = webhook(
    "invitee.canceled", "a", "2026-03-04T09:00:00Z", "2026-03-05T10:00:00Z", rescheduled=True,
    new_invitee=f"{INVITEES}/b",
)  # fmt: skip
MOVED = webhook("invitee.created", "b", "2026-03-04T09:00:00Z", "2026-03-06T10:00:00Z", old="a")
MISSED = webhook("invitee_no_show.created", "b", "2026-03-06T11:00:00Z", "2026-03-06T10:00:00Z", old="a")
TAKEN_BACK = webhook("invitee_no_show.deleted", "b", "2026-03-06T12:00:00Z", "2026-03-06T10:00:00Z", old="a")
MARKED_AGAIN = webhook("invitee_no_show.created", "b", "2026-03-06T12:30:00Z", "2026-03-06T10:00:00Z", old="a")
CANCELLED = webhook("invitee.canceled", "b", "2026-03-06T13:00:00Z", "2026-03-06T10:00:00Z", old="a")


def told(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.payload.items() if name not in {"id", "source"}}


def known_after(*webhooks: dict[str, Any]) -> dict[str, Meeting]:
    story = Story(_RULES, at="2026-03-02 10:00")
    story.until("2026-03-07 10:00")
    for one in webhooks:
        event = read(one, FIRST)
        if event.state is IntakeState.WAITING:
            story.tell(event.fact, **event.payload)
    return story.state.meetings


def test_a_booking_is_told_as_of_when_it_was_made() -> None:
    event = read(recorded("invitee.created"))
    assert (event.fact, event.deal_ref) == ("meeting_booked", "meeting:00000000-0000-0000-0000-000000000001")
    assert told(event) == {
        "at": "2026-06-09T21:37:17.731525Z",
        "meeting": "00000000-0000-0000-0000-000000000001",
        "starts_at": "2026-06-10T06:30:00Z",
        "link": "https://us05web.zoom.us/j/10000000001?pwd=REDACTED",
    }


def test_a_cancellation_is_told_as_of_when_it_was_called_off() -> None:
    event = read(recorded("invitee.canceled"))
    assert (event.fact, event.payload["at"]) == ("meeting_cancelled", "2026-06-17T01:40:57.223808Z")


def test_a_no_show_is_told_as_of_when_it_was_marked_and_is_not_the_booking_again() -> None:
    event = read(recorded("invitee_no_show.created"))
    assert (event.fact, event.payload["at"]) == ("meeting_missed", "2026-06-24T22:34:08.683444Z")
    assert event.event_id != read(recorded("invitee.created")).event_id


def test_an_event_type_may_be_a_demo() -> None:
    demos = source({DEMO_TYPE: "demo"})
    assert [read(recorded(name), of=demos).fact for name in ("invitee.created", "invitee.canceled")] == [
        "demo_booked", "demo_cancelled",
    ]  # fmt: skip
    taken_back = read(webhook("invitee_no_show.deleted", "a", "2026-03-06T12:00:00Z", "2026-03-05T10:00:00Z"), of=demos)
    assert taken_back.payload.items() >= {"retracts": "demo_missed", "about": "a"}.items()


@pytest.mark.parametrize("of", [source({DEMO_TYPE: "ignore"}), source(other_event_types="ignore")])
def test_event_types_that_are_not_followed_are_skipped(of: Any) -> None:
    assert read(recorded("invitee.created"), of=of).state is IntakeState.SKIPPED


def test_the_link_that_somebody_booked_over_says_which_deal() -> None:
    assert read(BOOKED).deal_ref == "acme"


def test_a_campaign_of_others_names_no_deal() -> None:
    foreign = webhook("invitee.created", "a", "2026-03-03T09:00:00Z", "2026-03-05T10:00:00Z",
                      tracking={"utm_source": "news", "utm_content": "acme"})  # fmt: skip
    assert read(foreign).deal_ref == "meeting:a"


def test_a_booking_that_names_no_deal_says_who_booked() -> None:
    nameless = webhook("invitee.created", "a", "2026-03-03T09:00:00Z", "2026-03-05T10:00:00Z", tracking={})
    assert (read(nameless).contacts, read(BOOKED).contacts) == (("john.doe@example.com",), ())


def test_the_first_booking_says_which_deal_where_the_later_one_does_not() -> None:
    moved = webhook("invitee.created", "b", "2026-03-04T09:00:00Z", "2026-03-06T10:00:00Z", old="a", tracking={})
    assert read(moved, {"first": "a", "tracking": FROM_US}).deal_ref == "acme"
    assert read(moved, FIRST).deal_ref == "meeting:a"


def test_a_move_is_the_same_meeting_at_another_time_and_no_cancellation() -> None:
    assert read(MOVED).payload["what"] == {"first_of": f"{INVITEES}/a"}
    assert read(MOVED, FIRST).payload.items() >= {"meeting": "a", "starts_at": "2026-03-06T10:00:00Z"}.items()
    assert read(MOVED_AWAY).state is IntakeState.SKIPPED


def test_a_no_show_that_is_marked_again_is_another_event() -> None:
    assert read(MISSED, FIRST).event_id != read(MARKED_AGAIN, FIRST).event_id


@pytest.mark.parametrize(
    ("happened", "status"),
    [
        ((BOOKED, MOVED_AWAY, MOVED, TAKEN_BACK, MISSED), "booked"),
        ((BOOKED, MOVED, MISSED, TAKEN_BACK, CANCELLED), "cancelled"),
        ((BOOKED, MOVED, MISSED), "missed"),
        ((BOOKED, MOVED_AWAY, MOVED, CANCELLED), "cancelled"),
        ((BOOKED, MOVED, MISSED, TAKEN_BACK, MARKED_AGAIN), "missed"),
    ],
    ids=["taken back", "cancelled", "missed", "moved and cancelled", "marked again"],
)  # fmt: skip
def test_in_whatever_order_it_comes_the_same_is_known(happened: tuple[dict[str, Any], ...], status: str) -> None:
    for order in permutations(happened):
        (meeting,) = known_after(*order).values()
        assert (meeting.id, meeting.status, f"{meeting.starts_at:%d %H:%M}") == ("a", status, "06 10:00"), [
            one["event"] for one in order
        ]


def test_a_no_show_of_another_meeting_stays_one_when_a_later_one_is_taken_back_first() -> None:
    missed = webhook("invitee_no_show.created", "x", "2026-03-03T11:00:00Z", "2026-03-03T10:00:00Z")
    earlier = webhook("invitee.created", "x", "2026-03-02T11:00:00Z", "2026-03-03T10:00:00Z")
    known = known_after(earlier, missed, TAKEN_BACK, MISSED, MOVED, BOOKED)
    assert {name: meeting.status for name, meeting in known.items()} == {"x": "missed", "a": "booked"}
