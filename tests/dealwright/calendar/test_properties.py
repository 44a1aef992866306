"""What is true of business time on any calendar, at any moment, for any duration.

Half of the moments lie within days of a change of a wall clock, where mistakes live.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dealwright.calendar.business_calendar import Calendar, Span, WorkingHours
from dealwright.calendar.durations import Unit
from dealwright.calendar.working_hours import Week
from dealwright.calendar.zones import instant, public_holidays, reading

EDGES = {
    "Europe/Berlin": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00"],
    "America/Havana": ["2026-03-08T05:00", "2026-11-01T05:00"],  # the clock goes back over midnight
    "Pacific/Apia": ["2011-12-30T10:00", "2012-03-31T14:00"],  # 2011-12-30 was skipped
    "Pacific/Kwajalein": ["1993-08-21T12:00"],  # a day skipped
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],  # half an hour
    "Asia/Kolkata": ["2026-12-31T18:30"],
    "UTC": ["2027-01-01T00:00"],
}
HOURS = [
    "Mon-Fri 09:00-17:00",
    "Mon-Thu 09:00-12:00 13:00-17:00, Fri 09:00-15:00",
    "Mon-Sun 00:00-24:00",
    "Sat-Sun 22:00-24:00 00:00-03:00",
    "Mon-Sun 01:15-01:45 02:20-02:40",
    "Sun 01:00-02:30 02:45-13:00",
]
UNITS: list[Unit] = ["m", "h", "d", "bd", "bh"]

properties = settings(max_examples=100)


def is_open_enough(week: Week) -> bool:
    """Ten hours a week, so that 500 business hours come to an end within a year or two."""
    return sum(closes - opens for ranges in week for opens, closes in ranges) >= 10 * 60


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    bounds = st.lists(st.integers(0, 24 * 60), unique=True, max_size=6).map(sorted)
    days = bounds.map(lambda b: tuple(zip(b[::2], b[1::2], strict=False)))
    weeks = st.tuples(*[days] * 7).filter(is_open_enough).map(lambda week: WorkingHours(week=week))
    first_closed = draw(st.dates(date(2011, 12, 1), date(2027, 2, 1)))
    return Calendar(
        hours=draw(st.sampled_from(HOURS).map(WorkingHours.parse) | weeks),
        timezone=draw(st.sampled_from(sorted(EDGES))),
        holidays=draw(st.sampled_from([None, "DE-BE", "US", "WS"])),
        extra_closed=tuple(first_closed + timedelta(days=n) for n in range(draw(st.integers(0, 20)))),
    )


@st.composite
def moments(draw: st.DrawFn, calendar: Calendar) -> datetime:
    edge = datetime.fromisoformat(draw(st.sampled_from(EDGES[calendar.timezone]))).replace(tzinfo=UTC)
    near = st.timedeltas(timedelta(days=-3), timedelta(days=3)).map(lambda off: edge + off)
    near_minutes = st.integers(-3 * 24 * 60, 3 * 24 * 60).map(lambda off: edge + timedelta(minutes=off))
    anywhere = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given UTC
    return draw(near | near_minutes | anywhere)


def spans(units: list[Unit] = UNITS) -> st.SearchStrategy[Span]:
    amounts = st.integers(0, 12) | st.integers(0, 500)
    return st.builds(Span, amount=amounts, unit=st.sampled_from(units))


@st.composite
def asked(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    calendar = draw(calendars())
    return calendar, draw(moments(calendar))


@st.composite
def asked_twice(draw: st.DrawFn) -> tuple[Calendar, datetime, datetime]:
    calendar = draw(calendars())
    one = draw(moments(calendar))
    other = draw(moments(calendar) | st.timedeltas(timedelta(), timedelta(hours=3)).map(lambda off: one + off))
    return calendar, min(one, other), max(one, other)


@properties
@given(asked(), spans())
def test_a_duration_after_is_never_earlier_and_one_before_never_later(
    question: tuple[Calendar, datetime], span: Span
) -> None:
    calendar, at = question

    assert calendar.subtract(at, span) <= at <= calendar.add(at, span)


@settings(properties, max_examples=300)
@given(asked_twice(), spans())
def test_a_later_start_never_ends_earlier(question: tuple[Calendar, datetime, datetime], span: Span) -> None:
    calendar, earlier, later = question

    assert calendar.add(earlier, span) <= calendar.add(later, span)
    assert calendar.subtract(earlier, span) <= calendar.subtract(later, span)


@properties
@given(asked(), spans(), st.integers(0, 20))
def test_a_longer_duration_never_ends_earlier(question: tuple[Calendar, datetime], span: Span, more: int) -> None:
    calendar, at = question
    longer = Span(amount=span.amount + more, unit=span.unit)

    assert calendar.add(at, span) <= calendar.add(at, longer)
    assert calendar.subtract(at, longer) <= calendar.subtract(at, span)


@properties
@given(asked(), spans(), st.sampled_from(["Asia/Kathmandu", "Pacific/Apia", "America/New_York"]))
def test_the_zone_of_the_question_does_not_matter_and_the_answer_is_in_utc(
    question: tuple[Calendar, datetime], span: Span, zone: str
) -> None:
    calendar, at = question
    elsewhere = at.astimezone(ZoneInfo(zone))
    answers = [calendar.add(elsewhere, span), calendar.subtract(elsewhere, span), calendar.next_open(elsewhere)]

    assert answers == [calendar.add(at, span), calendar.subtract(at, span), calendar.next_open(at)]
    assert all(answer.tzinfo is UTC for answer in answers)
    assert calendar.is_open(elsewhere) == calendar.is_open(at)


def part_of_the_way(begin: datetime, end: datetime, part: float) -> datetime:
    return min(begin + (end - begin) * part, end - timedelta(microseconds=1))


@properties
@given(asked(), st.floats(0, 1))
def test_the_next_opening_is_open_and_nothing_before_it_is(question: tuple[Calendar, datetime], between: float) -> None:
    calendar, at = question
    opening = calendar.next_open(at)

    assert opening >= at
    assert calendar.is_open(opening)
    assert calendar.next_open(opening) == opening
    assert opening == at or not calendar.is_open(part_of_the_way(at, opening, between))


@properties
@given(asked(), st.floats(0, 1))
def test_an_opening_is_open_until_it_closes(question: tuple[Calendar, datetime], between: float) -> None:
    calendar, at = question
    opening = calendar.next_open(at)
    closing = calendar.closes(opening)

    assert opening < closing
    assert calendar.is_open(part_of_the_way(opening, closing, between))
    assert calendar.next_open(closing) >= closing


@properties
@given(asked(), spans(["bd"]))
def test_business_days_end_open_and_on_a_business_day(question: tuple[Calendar, datetime], span: Span) -> None:
    calendar, at = question

    for end in (calendar.add(at, span), calendar.subtract(at, span)):
        assert calendar.is_open(end)
        assert calendar.is_business_day(end.astimezone(ZoneInfo(calendar.timezone)).date())


@properties
@given(asked(), st.integers(0, 30))
def test_business_days_are_as_many_as_were_asked_for(question: tuple[Calendar, datetime], amount: int) -> None:
    calendar, at = question
    zone = ZoneInfo(calendar.timezone)
    span = Span(amount=amount, unit="bd")

    after = calendar.next_open(at), calendar.add(at, span)
    before = calendar.subtract(at, span), calendar.subtract(at, Span(amount=0, unit="bd"))

    for begin, end in (after, before):
        first, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
        days = [first + timedelta(days=n + 1) for n in range((last - first).days)]
        assert sum(map(calendar.is_business_day, days)) == amount


@properties
@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.times(time(10), time(18, 58)), spans(["bd"]))
def test_business_days_with_the_same_hours_each_day_keep_the_time_of_day_and_can_be_counted_back(
    day: date, clock: time, span: Span
) -> None:
    india = Calendar(hours=WorkingHours.parse("Mon-Sat 10:00-19:00"), timezone="Asia/Kolkata", holidays="IN")
    assume(india.is_business_day(day))
    at = datetime.combine(day, clock, ZoneInfo("Asia/Kolkata"))

    end = india.add(at, span)

    assert end.astimezone(at.tzinfo).time() == at.time()
    assert india.subtract(end, span) == at


@properties
@given(asked(), st.integers(0, 400))
def test_calendar_days_keep_the_wall_clock_unless_it_skips_that_time(
    question: tuple[Calendar, datetime], amount: int
) -> None:
    calendar, at = question
    zone = ZoneInfo(calendar.timezone)
    there = at.astimezone(zone)
    assume(not there.fold)

    end = calendar.add(at, Span(amount=amount, unit="d")).astimezone(zone)

    wanted = there.replace(tzinfo=None) + timedelta(days=amount)
    exists = wanted.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wanted
    assert end.fold == 0
    if exists:
        assert end.replace(tzinfo=None) == wanted
    else:
        just_before = (end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).replace(tzinfo=None)
        assert just_before < wanted < end.replace(tzinfo=None)


def open_time_between(calendar: Calendar, begin: datetime, end: datetime) -> timedelta:
    total = timedelta()
    opening = calendar.next_open(begin)
    while opening < end:
        closing = calendar.closes(opening)
        total += min(closing, end) - opening
        opening = calendar.next_open(closing)
    return total


@properties
@given(asked(), st.timedeltas(timedelta(microseconds=1), timedelta(hours=60)))
def test_business_hours_end_with_the_last_bit_of_open_time(
    question: tuple[Calendar, datetime], duration: timedelta
) -> None:
    calendar, at = question
    bit = timedelta(microseconds=1)

    end, begin = calendar.add_open_time(at, duration), calendar.subtract_open_time(at, duration)

    assert open_time_between(calendar, at, end) == duration
    assert open_time_between(calendar, at, end - bit) == duration - bit
    assert open_time_between(calendar, begin, at) == duration
    assert open_time_between(calendar, begin + bit, at) == duration - bit


@properties
@given(asked(), st.integers(0, 100), st.integers(0, 100))
def test_business_hours_in_two_parts_end_when_they_do_in_one(
    question: tuple[Calendar, datetime], one: int, other: int
) -> None:
    calendar, at = question
    parts, whole = (Span(amount=one, unit="bh"), Span(amount=other, unit="bh")), Span(amount=one + other, unit="bh")

    assert calendar.add(calendar.add(at, parts[0]), parts[1]) == calendar.add(at, whole)
    assert calendar.subtract(calendar.subtract(at, parts[0]), parts[1]) == calendar.subtract(at, whole)


@properties
@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - given UTC
)
def test_office_hours_are_what_the_wall_clock_and_the_lists_of_holidays_say(zone: str, at: datetime) -> None:
    hours = WorkingHours.parse("Mon-Thu 08:30-17:00, Fri 08:30-12:00 13:00-15:30")
    there = at.astimezone(ZoneInfo(zone))
    now = there.time()
    mondays_to_thursdays = there.weekday() < 4 and time(8, 30) <= now < time(17)
    fridays = there.weekday() == 4 and (time(8, 30) <= now < time(12) or time(13) <= now < time(15, 30))
    holiday = there.date() in public_holidays("US", there.year)

    is_open = Calendar(hours=hours, timezone=zone, holidays="US").is_open(at)

    assert is_open == ((mondays_to_thursdays or fridays) and not holiday)


@properties
@given(asked_twice())
def test_the_reading_of_a_wall_clock_never_runs_backwards(question: tuple[Calendar, datetime, datetime]) -> None:
    calendar, earlier, later = question
    zone = ZoneInfo(calendar.timezone)

    assert reading(zone, earlier) <= reading(zone, later)
    assert instant(zone, reading(zone, earlier)) >= earlier
    assert instant(zone, reading(zone, earlier).replace(microsecond=0)) <= instant(zone, reading(zone, later))


def test_every_hour_around_every_change_of_the_clock_is_counted_in_order() -> None:
    hour = timedelta(hours=1)
    for zone, edges in EDGES.items():
        always = Calendar(hours=WorkingHours.parse("Mon-Sun 00:00-24:00"), timezone=zone)
        for edge in edges:
            around = [datetime.fromisoformat(edge).replace(tzinfo=UTC) + n * hour / 4 for n in range(-300, 300)]
            for unit in UNITS:
                ends = [always.add(at, Span(amount=1, unit=unit)) for at in around]
                assert all(one <= other for one, other in pairwise(ends)), (zone, edge, unit)
