"""Openings, hours and calendar days, by example. The times are those of the calendar's wall clock."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from dealwright.calendar.business_calendar import (
    BadSpan,
    Calendar,
    Closed,
    NaiveTime,
    NoOpening,
    OutOfReach,
    Span,
    WorkingHours,
)
from tests.dealwright.calendar.calendars import ALWAYS, NINE_TO_FIVE, SHORT_FRIDAY, WITH_LUNCH, at, calendar, wall

# --- openings


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-10T08:59:59", False),
        ("2026-03-10T09:00", True),
        ("2026-03-10T16:59:59", True),
        ("2026-03-10T17:00", False),
        ("2026-03-14T12:00", False),
    ],
)
def test_an_opening_contains_its_first_moment_and_not_its_last(moment: str, *, is_open: bool) -> None:
    assert calendar().is_open(at(moment)) is is_open


def test_hours_are_those_of_the_calendars_zone_whatever_zone_the_question_is_in() -> None:
    in_new_york = datetime(2026, 3, 10, 5, 0, tzinfo=ZoneInfo("America/New_York"))

    assert calendar().is_open(in_new_york)
    assert not calendar(timezone="America/New_York").is_open(in_new_york)


def test_hours_keep_to_the_wall_clock_when_daylight_saving_begins() -> None:
    assert calendar().next_open(at("2026-03-27T18:00")) == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)
    assert calendar().next_open(at("2026-03-26T18:00")) == datetime(2026, 3, 27, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-03-10T11:00", "2026-03-10T11:00"),
        ("2026-03-10T07:00", "2026-03-10T09:00"),
        ("2026-03-10T17:00", "2026-03-11T09:00"),
        ("2026-03-13T17:30", "2026-03-16T09:00"),
        ("2026-04-02T18:00", "2026-04-07T09:00"),  # Good Friday, Easter Monday
        ("2026-12-31T18:00", "2027-01-04T09:00"),
    ],
)
def test_the_next_opening_is_the_moment_itself_when_open(moment: str, opening: str) -> None:
    assert wall(calendar(holidays="DE").next_open(at(moment))) == opening


def test_a_lunch_break_is_closed() -> None:
    lunch = at("2026-03-10T12:30")

    assert not calendar(WITH_LUNCH).is_open(lunch)
    assert wall(calendar(WITH_LUNCH).next_open(lunch)) == "2026-03-10T13:00"


def test_an_opening_closes_at_its_own_end() -> None:
    assert wall(calendar(WITH_LUNCH).closes(at("2026-03-10T10:00"))) == "2026-03-10T12:00"
    assert wall(calendar(SHORT_FRIDAY).closes(at("2026-03-13T09:00"))) == "2026-03-13T15:00"
    assert wall(calendar(ALWAYS).closes(at("2026-03-13T09:00"))) == "2026-03-14T00:00"


def test_there_is_no_closing_to_tell_while_closed() -> None:
    with pytest.raises(Closed, match="Ask about next_open"):
        calendar().closes(at("2026-03-14T10:00"))


def test_business_days_are_working_days_without_holidays_and_extra_closed_days() -> None:
    berlin = calendar(holidays="DE-BE", extra_closed=["2026-12-24"])

    assert berlin.is_business_day(date(2026, 12, 23))
    assert not berlin.is_business_day(date(2026, 12, 24))
    assert not berlin.is_business_day(date(2026, 12, 25))
    assert not berlin.is_business_day(date(2026, 12, 26))
    assert calendar().is_business_day(date(2026, 12, 25))


# --- minutes, hours and calendar days


def test_minutes_and_hours_are_elapsed_time_also_over_closed_hours() -> None:
    friday = at("2026-03-13T16:30")

    assert wall(calendar().add(friday, Span.parse("90m"))) == "2026-03-13T18:00"
    assert wall(calendar().add(friday, Span.parse("48h"))) == "2026-03-15T16:30"
    assert wall(calendar().subtract(friday, Span.parse("24h"))) == "2026-03-12T16:30"


def test_24_hours_over_a_change_of_daylight_saving_end_at_another_time_of_day() -> None:
    assert wall(calendar().add(at("2026-03-28T12:00"), Span.parse("24h"))) == "2026-03-29T13:00"
    assert wall(calendar().add(at("2026-10-24T12:00"), Span.parse("24h"))) == "2026-10-25T11:00"


def test_a_calendar_day_keeps_the_time_of_day_over_a_change_of_daylight_saving() -> None:
    assert wall(calendar().add(at("2026-03-28T12:00"), Span.parse("1d"))) == "2026-03-29T12:00"
    assert wall(calendar().subtract(at("2026-10-26T12:00"), Span.parse("2d"))) == "2026-10-24T12:00"


def test_calendar_days_may_end_while_closed() -> None:
    assert wall(calendar().add(at("2026-03-13T12:00"), Span.parse("1d"))) == "2026-03-14T12:00"


@pytest.mark.parametrize(
    ("timezone", "start", "end"),
    [
        ("Europe/Berlin", "2026-03-28T02:30", "2026-03-29T01:00"),
        ("America/New_York", "2026-03-07T02:30", "2026-03-08T07:00"),
        ("Australia/Lord_Howe", "2026-10-03T02:10", "2026-10-03T15:30"),
        ("Pacific/Apia", "2011-12-29T10:00", "2011-12-30T10:00"),
    ],
)
def test_a_day_that_ends_in_a_gap_ends_at_the_first_moment_after_it(timezone: str, start: str, end: str) -> None:
    after = datetime.fromisoformat(end).replace(tzinfo=UTC)

    assert calendar(timezone=timezone).add(at(start, timezone), Span.parse("1d")) == after


def test_counting_days_back_into_a_gap_also_ends_at_the_first_moment_after_it() -> None:
    assert calendar().subtract(at("2026-03-30T02:30"), Span.parse("1d")) == at("2026-03-29T03:00")


@pytest.mark.parametrize(
    ("timezone", "start", "end"),
    [
        ("Europe/Berlin", "2026-10-24T02:30", "2026-10-25T00:30"),
        ("America/New_York", "2026-10-31T01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-04-04T01:45", "2026-04-04T14:45"),
    ],
)
def test_a_day_that_ends_in_a_doubled_hour_ends_in_its_first_pass(timezone: str, start: str, end: str) -> None:
    first = datetime.fromisoformat(end).replace(tzinfo=UTC)

    assert calendar(timezone=timezone).add(at(start, timezone), Span.parse("1d")) == first


def test_a_start_in_the_second_pass_of_a_doubled_hour_counts_as_its_end() -> None:
    berlin = calendar(ALWAYS)

    assert wall(berlin.add(at("2026-10-25T02:10", fold=0), Span.parse("1d"))) == "2026-10-26T02:10"
    assert wall(berlin.add(at("2026-10-25T02:10", fold=1), Span.parse("1d"))) == "2026-10-26T03:00"
    assert wall(berlin.add(at("2026-10-25T02:10", fold=1), Span.parse("1bd"))) == "2026-10-26T03:00"
    assert berlin.add(at("2026-10-25T02:10", fold=1), Span.parse("0d")) == at("2026-10-25T02:10", fold=1)


def test_the_last_half_second_of_a_gap_and_of_a_doubled_hour_are_still_in_them() -> None:
    berlin, day = calendar(), Span.parse("1d")

    assert berlin.add(at("2026-03-28T02:59:59.5"), day) == at("2026-03-29T03:00")
    assert berlin.add(at("2026-10-25T02:59:59.5", fold=1), day) == at("2026-10-26T03:00")


# --- what is refused


def test_a_naive_time_is_refused_everywhere() -> None:
    naive = datetime(2026, 3, 10, 10)  # noqa: DTZ001 - a naive time is the point
    two_days = Span.parse("2bd")
    berlin = calendar()

    for ask in (berlin.is_open, berlin.next_open, berlin.closes):
        with pytest.raises(NaiveTime, match="Give it one, such as 2026-03-10T10:00:00Z"):
            ask(naive)
    for count in (berlin.add, berlin.subtract):
        with pytest.raises(NaiveTime):
            count(naive, two_days)
    for count_open in (berlin.add_open_time, berlin.subtract_open_time):
        with pytest.raises(NaiveTime):
            count_open(naive, timedelta(hours=1))


@pytest.mark.parametrize("never", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1899-12-31T00:00:00Z"])
def test_dates_that_stand_for_never_are_refused(never: str) -> None:
    with pytest.raises(OutOfReach, match="Leave out dates that mean never"):
        calendar().add(datetime.fromisoformat(never), Span.parse("1d"))


@pytest.mark.parametrize("unit", ["m", "h", "d", "bd", "bh"])
@pytest.mark.parametrize("year", [1900, 9980])
def test_the_longest_durations_can_be_counted_from_the_first_and_the_last_year(unit: str, year: int) -> None:
    longest = {"m": "5256000m", "h": "87600h", "d": "3650d", "bd": "2600bd", "bh": "20800bh"}[unit]
    start = datetime(year, 6, 1, tzinfo=UTC)

    assert calendar().add(start, Span.parse(longest)).year in (year + 9, year + 10)
    assert calendar().subtract(start, Span.parse(longest)).year in (year - 9, year - 10)


def test_a_count_that_would_take_more_than_60_years_is_an_error_not_a_long_search() -> None:
    start, seldom = at("2026-03-10T10:00"), calendar("Mon 09:00-09:01")

    for count in (seldom.add, seldom.subtract):
        with pytest.raises(OutOfReach, match="not over within 60 years of 2026"):
            count(start, Span.parse("20800bh"))


def test_negative_open_time_is_refused() -> None:
    with pytest.raises(BadSpan, match="cannot be negative"):
        calendar().add_open_time(at("2026-03-10T10:00"), timedelta(hours=-1))


def closed_for(days: int, first: date = date(2026, 3, 10)) -> Calendar:
    return calendar(ALWAYS, extra_closed=[first + timedelta(days=n) for n in range(days)])


def test_a_closure_of_a_year_and_a_day_is_waited_for() -> None:
    closed = closed_for(366)
    start = at("2026-03-09T12:00")

    assert wall(closed.next_open(at("2026-03-10T00:00"))) == "2027-03-11T00:00"
    assert wall(closed.add(start, Span.parse("1bd"))) == "2027-03-11T12:00"
    assert wall(closed.add(start, Span.parse("13bh"))) == "2027-03-11T01:00"
    assert wall(closed.subtract(at("2027-03-11T12:00"), Span.parse("1bd"))) == "2026-03-09T12:00"


def test_a_closure_of_a_whole_calendar_year_is_waited_for() -> None:
    closed = closed_for(390, first=date(2026, 12, 20))

    assert wall(closed.add(at("2026-12-19T12:00"), Span.parse("1bd"))) == "2028-01-14T12:00"
    assert wall(closed.next_open(at("2027-06-01T12:00"))) == "2028-01-14T00:00"
    assert wall(closed.subtract(at("2028-01-14T12:00"), Span.parse("1bd"))) == "2026-12-19T12:00"


def test_a_closure_of_more_than_400_days_is_an_error_not_an_endless_search() -> None:
    closed = closed_for(402)
    before, after = at("2026-03-09T12:00"), at("2026-03-10T00:00") + timedelta(days=402, hours=12)

    assert not closed.is_open(at("2026-03-10T12:00"))
    for span in (Span.parse("1bd"), Span.parse("24bh")):
        with pytest.raises(NoOpening, match="No opening within 400 days after"):
            closed.add(before, span)
        with pytest.raises(NoOpening, match="No opening within 400 days before"):
            closed.subtract(after, span)
    with pytest.raises(NoOpening, match="Check the calendar's hours and its extra_closed days"):
        closed.next_open(at("2026-03-10T00:00"))


# --- as a part of a playbook


def test_a_calendar_is_read_from_and_written_as_the_texts_of_a_playbook() -> None:
    rules = {"hours": NINE_TO_FIVE, "timezone": "Europe/Berlin", "holidays": "DE-BE", "extra_closed": ["2026-12-24"]}

    assert Calendar.model_validate(rules).model_dump(mode="json") == rules


@pytest.mark.parametrize(
    ("mistake", "instead"),
    [
        ({"timezone": "Berlin"}, "Write Europe/Berlin"),
        ({"holidays": "Germany"}, "Write DE"),
        ({"hours": "9-17"}, 'Write "Mon-Fri 09:00-17:00"'),
        ({"hour": NINE_TO_FIVE}, "Extra inputs are not permitted"),
    ],
)
def test_a_mistake_in_a_calendar_is_refused_with_what_to_write(mistake: dict[str, str], instead: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Calendar.model_validate({"hours": NINE_TO_FIVE, "timezone": "UTC", **mistake})

    assert instead in str(refused.value)


def test_a_copy_with_other_rules_answers_by_them() -> None:
    morning_in_berlin = at("2026-03-10T10:00")
    berlin = calendar()
    assert berlin.is_open(morning_in_berlin)

    new_york = berlin.model_copy(update={"timezone": "America/New_York"})

    assert not new_york.is_open(morning_in_berlin)
    with pytest.raises(ValidationError, match="Write Asia/Tokyo"):
        berlin.model_copy(update={"timezone": "asia/tokyo"})


def test_calendars_with_the_same_rules_are_equal_whatever_they_were_asked_and_however_they_were_copied() -> None:
    asked = calendar(holidays="DE")
    asked.next_open(at("2026-03-10T10:00"))
    copies = [copy.copy(asked), copy.deepcopy(asked), pickle.loads(pickle.dumps(asked)), calendar(holidays="DE")]  # noqa: S301 - its own bytes

    assert all(one == asked and hash(one) == hash(asked) for one in copies)
    assert all(one.is_open(at("2026-03-10T10:00")) for one in copies)


def test_hours_may_be_given_as_a_model() -> None:
    assert Calendar(hours=WorkingHours.parse(NINE_TO_FIVE), timezone="UTC") == calendar(timezone="UTC")
