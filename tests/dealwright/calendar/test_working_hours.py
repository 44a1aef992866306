"""Working hours are one short text of days and ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from dealwright.calendar.working_hours import BadHours, WorkingHours

HOURS = TypeAdapter(WorkingHours)
NINE, TWELVE, ONE, FIVE = 9 * 60, 12 * 60, 13 * 60, 17 * 60


def days_of(text: str) -> list[tuple[tuple[int, int], ...]]:
    return list(WorkingHours.parse(text).week)


def test_hours_hold_for_each_of_their_days() -> None:
    assert days_of("Mon-Fri 09:00-17:00") == [((NINE, FIVE),)] * 5 + [()] * 2


def test_days_may_differ() -> None:
    assert days_of("Mon-Thu 09:00-17:00, Fri 09:00-12:00") == [((NINE, FIVE),)] * 4 + [((NINE, TWELVE),), (), ()]


@pytest.mark.parametrize(
    "text",
    [
        "Mon-Fri 09:00-12:00 13:00-17:00",
        "Mon-Fri 09:00-12:00, 13:00-17:00",
        "Mon-Fri 09:00-12:00, Mon-Fri 13:00-17:00",
        "Mon-Fri 13:00-17:00 09:00-12:00",
    ],
)
def test_a_break_is_what_lies_between_two_ranges_of_a_day(text: str) -> None:
    assert days_of(text) == [((NINE, TWELVE), (ONE, FIVE))] * 5 + [()] * 2


@pytest.mark.parametrize(
    ("text", "shortest"),
    [
        ("monday - friday 9:00 – 17:00", "Mon-Fri 09:00-17:00"),  # noqa: RUF001 - a dash that people paste
        ("Mon, Tue, Wed 09:00-17:00", "Mon-Wed 09:00-17:00"),
        ("Mon Wed 09:00-17:00", "Mon 09:00-17:00, Wed 09:00-17:00"),
        ("Mon-Fri 09:00-12:00 12:00-17:00", "Mon-Fri 09:00-17:00"),
        ("Fri-Mon 10:00-12:00", "Mon 10:00-12:00, Fri-Sun 10:00-12:00"),
        ("Mon-Sun 00:00-24:00", "Mon-Sun 00:00-24:00"),
        ("Fri 22:00-24:00, Sat 00:00-06:00", "Fri 22:00-24:00, Sat 00:00-06:00"),
        ("Mon-Thu 09:00-12:00 13:00-17:00; Fri 09:00-15:00", "Mon-Thu 09:00-12:00 13:00-17:00, Fri 09:00-15:00"),
    ],
)
def test_hours_print_as_their_shortest_text(text: str, shortest: str) -> None:
    assert str(WorkingHours.parse(text)) == shortest


def ranges() -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    bounds = st.lists(st.integers(0, 24 * 60), unique=True, max_size=6).map(sorted)
    return bounds.map(lambda b: tuple(zip(b[::2], b[1::2], strict=False)))


@given(st.tuples(*[ranges()] * 7).filter(any))
def test_every_week_is_read_back_from_what_it_prints(week: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    hours = WorkingHours(week=week)

    assert WorkingHours.parse(str(hours)) == hours
    assert HOURS.validate_json(HOURS.dump_json(hours)) == hours


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("", "does not begin with a day"),
        ("09:00-17:00", "does not begin with a day"),
        ("Mon-Fri", "does not end with hours"),
        ("Mon 09:00-17:00, Tue", "does not end with hours"),
        ("Mo-Fr 09:00-17:00", "Write one of Mon, Tue, Wed, Thu, Fri, Sat, Sun"),
        ("Mon-Fri 9-17", "Write it like 09:00-17:00"),
        ("Mon-Fri 9am-5pm", "Write it like 09:00-17:00"),
        ("Mon-Fri 09:00-17:60", "Write it like 09:00-17:00"),
        ("Mon-Fri 09:00-25:00", "A day ends at 24:00"),
        ("Mon-Fri 22:00-06:00", 'Write hours over midnight as two days, such as "Fri 22:00-24:00, Sat 00:00-06:00"'),
        ("Mon-Fri 09:00-09:00", "closes before it opens"),
        (
            "Mon-Fri 09:00-17:00, Fri 09:00-15:00",
            "Friday has 09:00-15:00 and 09:00-17:00, which overlap. Give each day its hours once",
        ),
    ],
)
def test_what_is_no_working_hours_is_refused_with_what_to_write(text: str, instead: str) -> None:
    with pytest.raises(BadHours) as refused:
        WorkingHours.parse(text)

    assert instead in str(refused.value)


WORDS = ["Mon", "Tue-Wed", "friday", "Sat-Mon", "-", ",", "09:00-12:00", "12:00-17:00", "8:00-9:00", "22:00-06:00", "?"]


@given(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join))
def test_any_other_text_is_working_hours_or_refused(text: str) -> None:
    try:
        hours = WorkingHours.parse(text)
    except BadHours:
        return
    assert WorkingHours.parse(str(hours)) == hours


@pytest.mark.parametrize("week", [[], [[]] * 7, [[[540, 480]]] * 7, [[[540, 1441]]] * 7, [[[0, 9], [5, 10]]] * 7])
def test_a_week_given_as_numbers_is_checked_too(week: object) -> None:
    with pytest.raises(ValidationError, match="A week has seven days"):
        WorkingHours.model_validate({"week": week})


def test_the_json_schema_is_of_a_text_with_examples_that_are_working_hours() -> None:
    schema = HOURS.json_schema()

    assert schema["type"] == "string"
    assert [str(WorkingHours.parse(example)) for example in schema["examples"]] == schema["examples"]
