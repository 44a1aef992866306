"""A duration is one short text; what is not one is refused with what to write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from dealwright.calendar.durations import TEN_YEARS, BadSpan, Span, Unit

SPAN = TypeAdapter(Span)


class Step(BaseModel):
    after: Span


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [("90m", 90, "m"), ("2h", 2, "h"), ("3d", 3, "d"), ("2bd", 2, "bd"), ("4bh", 4, "bh"), ("0d", 0, "d")],
)
def test_a_duration_is_a_number_and_a_unit(text: str, amount: int, unit: Unit) -> None:
    assert Span.parse(text) == Span(amount=amount, unit=unit)


@given(st.sampled_from(sorted(TEN_YEARS)).flatmap(lambda u: st.tuples(st.integers(0, TEN_YEARS[u]), st.just(u))))
def test_every_duration_is_read_back_from_what_it_prints(value: tuple[int, Unit]) -> None:
    span = Span(amount=value[0], unit=value[1])

    assert Span.parse(str(span)) == span
    assert SPAN.validate_json(SPAN.dump_json(span)) == span


def test_a_field_takes_the_text_and_serialises_to_the_same_text() -> None:
    step = Step.model_validate({"after": "2bd"})

    assert step.after == Span(amount=2, unit="bd")
    assert step.model_dump() == {"after": "2bd"}
    assert step.model_dump_json() == '{"after":"2bd"}'


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("2 bd", "write 2bd"),
        ("2BD", "write 2bd"),
        ("2 business days", "write 2bd"),
        ("2 working-days", "write 2bd"),
        ("1 day", "write 1d"),
        ("03d", "write 3d"),
        ("2 weeks", "write 14d"),
        ("90 mins", "write 90m"),
        ("1.5h", "write 90m"),
        ("1,5 hours", "write 90m"),
        ("0.5d", "write 12h"),
        ("3 working hours", "write 3bh"),
        ("5", "write its unit too: 5m, 5h, 5d or 5bd"),
        ("-2d", "write 2d, and {before: …, by: …} to count back"),
        ("1 month", "write days, such as 30d: a month has no fixed length"),
        ("2y", "write days, such as 30d: a year has no fixed length"),
        ("0.5bd", "write a whole number and"),
        ("tomorrow", "write a whole number and m, h, d (calendar days), bd (business days)"),
        ("1d 2h", "write a whole number and"),
        ("P2D", "write a whole number and"),
        ("", "write a whole number and"),
        ("\N{ARABIC-INDIC DIGIT TWO}d", "write a whole number and"),
    ],
)
def test_what_is_no_duration_is_refused_with_what_to_write(text: str, instead: str) -> None:
    with pytest.raises(BadSpan) as refused:
        Span.parse(text)

    assert instead in refused.value.remedy


@given(st.text(max_size=20) | st.from_regex(r"-?[0-9]{1,12}[.,]?[0-9]{0,4} ?[a-z]{0,8}", fullmatch=True))
def test_any_other_text_is_a_duration_or_refused(text: str) -> None:
    try:
        span = Span.parse(text)
    except BadSpan:
        return
    assert str(span) == text


@pytest.mark.parametrize("suggested_for", ["2 weeks", "1.5h", "0.5d", "2 BD", "3 working hours", "1 min"])
def test_a_suggested_duration_is_one(suggested_for: str) -> None:
    with pytest.raises(BadSpan) as refused:
        Span.parse(suggested_for)

    Span.parse(refused.value.remedy.removeprefix("write "))


@pytest.mark.parametrize("unit", sorted(TEN_YEARS))
def test_a_duration_is_at_most_ten_years(unit: Unit) -> None:
    Span.parse(f"{TEN_YEARS[unit]}{unit}")

    with pytest.raises(BadSpan, match="ten years"):
        Span.parse(f"{TEN_YEARS[unit] + 1}{unit}")
    with pytest.raises(ValidationError, match="ten years"):
        Span(amount=TEN_YEARS[unit] + 1, unit=unit)


def test_a_duration_is_never_negative() -> None:
    with pytest.raises(ValidationError, match="out of bounds"):
        Span(amount=-1, unit="d")


@pytest.mark.parametrize("number", [0, 5, 1.5])
def test_a_bare_number_as_yaml_reads_it_is_refused_for_want_of_a_unit(number: float) -> None:
    with pytest.raises(ValidationError, match="Write its unit too"):
        Step.model_validate({"after": number})


@pytest.mark.parametrize("value", [None, [], {"amount": 1}, {"amount": 1, "unit": "d", "more": 1}, True])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        Step.model_validate({"after": value})


def test_an_error_shows_only_the_beginning_of_a_long_text() -> None:
    with pytest.raises(BadSpan) as refused:
        Span.parse("x" * 1_000_000)

    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_json_schema_is_of_a_text_with_examples_that_are_durations(mode: str) -> None:
    schema = SPAN.json_schema(mode="serialization" if mode == "serialization" else "validation")

    assert schema["type"] == "string"
    assert [str(Span.parse(example)) for example in schema["examples"]] == schema["examples"]
