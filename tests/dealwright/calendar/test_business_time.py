"""Business days and business hours: counted in working time, forward and back."""

from datetime import date, timedelta

import pytest

from dealwright.calendar.business_calendar import Span
from tests.dealwright.calendar.calendars import ALWAYS, NINE_TO_FIVE, SHORT_FRIDAY, WITH_LUNCH, at, calendar, wall

# --- business days


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-10T15:00", "2bd", "2026-03-12T15:00"),
        ("2026-03-13T15:00", "1bd", "2026-03-16T15:00"),
        ("2026-03-10T15:00", "5bd", "2026-03-17T15:00"),
        ("2026-04-02T15:00", "1bd", "2026-04-07T15:00"),  # Good Friday, Easter Monday
        ("2026-12-30T10:00", "2bd", "2027-01-04T10:00"),  # New Year's Day
        ("2026-03-27T10:00", "1bd", "2026-03-30T10:00"),  # daylight saving begins in between
        ("2026-03-10T15:00", "260bd", "2027-03-18T15:00"),
    ],
)
def test_business_days_keep_the_time_of_day_and_skip_closed_days(start: str, span: str, end: str) -> None:
    assert wall(calendar(holidays="DE").add(at(start), Span.parse(span))) == end


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-14T11:00", "2026-03-17T09:00"),
        ("2026-03-13T18:00", "2026-03-17T09:00"),
        ("2026-03-13T17:00", "2026-03-17T09:00"),
        ("2026-03-10T07:00", "2026-03-11T09:00"),
        ("2026-04-03T11:00", "2026-04-08T09:00"),  # Good Friday
    ],
)
def test_a_start_outside_opening_hours_counts_as_the_next_opening(start: str, end: str) -> None:
    assert wall(calendar(holidays="DE").add(at(start), Span.parse("1bd"))) == end


def test_no_business_days_are_the_start_if_open_else_the_next_opening() -> None:
    assert wall(calendar().add(at("2026-03-10T15:00"), Span.parse("0bd"))) == "2026-03-10T15:00"
    assert wall(calendar().add(at("2026-03-14T15:00"), Span.parse("0bd"))) == "2026-03-16T09:00"


@pytest.mark.parametrize(
    ("hours", "start", "end"),
    [
        (SHORT_FRIDAY, "2026-03-12T16:00", "2026-03-13T14:59"),
        (SHORT_FRIDAY, "2026-03-12T14:30", "2026-03-13T14:30"),
        ("Mon 08:00-17:00, Tue 09:00-17:00", "2026-03-09T08:30", "2026-03-10T09:00"),
        ("Mon 09:00-17:00, Tue 09:00-12:00 13:00-17:00", "2026-03-09T12:30", "2026-03-10T13:00"),
        (NINE_TO_FIVE, "2026-03-09T16:59:30", "2026-03-10T16:59"),
    ],
)
def test_a_time_outside_the_last_days_hours_moves_into_them(hours: str, start: str, end: str) -> None:
    assert wall(calendar(hours).add(at(start), Span.parse("1bd"))) == end


@pytest.mark.parametrize(
    ("hours", "anchor", "span", "start"),
    [
        (NINE_TO_FIVE, "2026-03-12T15:00", "2bd", "2026-03-10T15:00"),
        (NINE_TO_FIVE, "2026-03-16T10:00", "1bd", "2026-03-13T10:00"),
        (NINE_TO_FIVE, "2026-03-14T11:00", "1bd", "2026-03-12T16:59"),
        (NINE_TO_FIVE, "2026-03-10T19:00", "1bd", "2026-03-09T16:59"),
        (NINE_TO_FIVE, "2026-03-10T07:00", "1bd", "2026-03-06T16:59"),
        (NINE_TO_FIVE, "2026-03-14T11:00", "0bd", "2026-03-13T16:59"),
        (NINE_TO_FIVE, "2026-03-13T11:00", "0bd", "2026-03-13T11:00"),
        (SHORT_FRIDAY, "2026-03-16T16:00", "1bd", "2026-03-13T14:59"),
        ("Mon 09:00-12:00 13:00-17:00, Tue 09:00-17:00", "2026-03-10T12:30", "1bd", "2026-03-09T11:59"),
        ("Mon 10:00-17:00, Tue 09:00-17:00", "2026-03-10T09:30", "1bd", "2026-03-09T10:00"),
        (NINE_TO_FIVE, "2027-01-04T10:00", "2bd", "2026-12-31T10:00"),
    ],
)
def test_business_days_before_an_anchor_mirror_those_after(hours: str, anchor: str, span: str, start: str) -> None:
    assert wall(calendar(hours).subtract(at(anchor), Span.parse(span))) == start


def test_a_day_that_a_zone_skipped_is_no_business_day() -> None:
    apia = calendar(timezone="Pacific/Apia")  # 2011-12-30, a Friday, did not happen there

    assert not apia.is_business_day(date(2011, 12, 30))
    assert (
        wall(apia.add(at("2011-12-29T10:00", "Pacific/Apia"), Span.parse("1bd")), "Pacific/Apia") == "2012-01-02T10:00"
    )


def test_hours_in_a_gap_of_daylight_saving_are_what_is_left_of_them() -> None:
    nights = calendar("Sat-Sun 02:15-03:15")

    assert nights.next_open(at("2026-03-29T00:00")) == at("2026-03-29T03:00")
    assert nights.closes(at("2026-03-29T03:00")) == at("2026-03-29T03:15")
    assert not calendar("Sun 02:15-02:45").is_business_day(date(2026, 3, 29))


# --- business hours


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-13T15:00", "4bh", "2026-03-16T11:00"),
        ("2026-03-13T15:00", "2bh", "2026-03-13T17:00"),
        ("2026-03-14T15:00", "2bh", "2026-03-16T11:00"),
        ("2026-03-10T09:00", "40bh", "2026-03-16T17:00"),
        ("2026-12-31T16:00", "2bh", "2027-01-01T10:00"),
        ("2026-03-14T15:00", "0bh", "2026-03-14T15:00"),
    ],
)
def test_business_hours_pass_only_while_open(start: str, span: str, end: str) -> None:
    assert wall(calendar().add(at(start), Span.parse(span))) == end


def test_business_hours_do_not_pass_in_a_lunch_break() -> None:
    assert wall(calendar(WITH_LUNCH).add(at("2026-03-10T11:00"), Span.parse("2bh"))) == "2026-03-10T14:00"


@pytest.mark.parametrize(
    ("anchor", "span", "start"),
    [
        ("2026-03-16T10:00", "2bh", "2026-03-13T16:00"),
        ("2026-03-16T10:00", "1bh", "2026-03-16T09:00"),
        ("2026-03-14T10:00", "1bh", "2026-03-13T16:00"),
        ("2027-01-01T10:00", "2bh", "2026-12-31T16:00"),
        ("2026-03-14T10:00", "0bh", "2026-03-14T10:00"),
    ],
)
def test_business_hours_before_an_anchor_mirror_those_after(anchor: str, span: str, start: str) -> None:
    assert wall(calendar().subtract(at(anchor), Span.parse(span))) == start


def test_open_time_is_counted_to_the_microsecond() -> None:
    tiny = timedelta(microseconds=1)

    assert calendar().add_open_time(at("2026-03-13T17:00"), tiny) == at("2026-03-16T09:00") + tiny
    assert calendar().subtract_open_time(at("2026-03-16T09:00"), tiny) == at("2026-03-13T17:00") - tiny


def test_open_time_counts_both_passes_of_a_doubled_hour_and_nothing_of_a_gap() -> None:
    assert calendar(ALWAYS).add_open_time(at("2026-10-25T00:00"), timedelta(hours=25)) == at("2026-10-26T00:00")
    assert calendar(ALWAYS).add_open_time(at("2026-03-29T00:00"), timedelta(hours=23)) == at("2026-03-30T00:00")
