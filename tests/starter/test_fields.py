from __future__ import annotations

import pytest
import typer

from dealwright.commands import COMMANDS
from dealwright.deal import Deal
from dealwright.facts import FACTS
from starter.fields import read_fields


@pytest.mark.parametrize("value", ["42", "4711", "true", "1e5", "[1]", "{}", "0x1", "NaN"])
def test_a_text_stays_what_is_written(value: str) -> None:
    assert read_fields([f"text={value}", f"id={value}"], FACTS["note_added"]) == {"text": value, "id": value}


def test_what_is_no_text_is_read_as_json() -> None:
    given = ['amount={"amount": 24000, "currency": "EUR"}', 'contacts=[{"id": "ana"}]', "title=42"]
    assert read_fields(given, Deal) == {
        "amount": {"amount": 24000, "currency": "EUR"}, "contacts": [{"id": "ana"}], "title": "42",
    }  # fmt: skip


def test_null_takes_a_value_back_and_in_quotes_it_is_a_text() -> None:
    assert read_fields(["contact=null", 'address="null"'], FACTS["reply_received"]) == {
        "contact": None, "address": "null",
    }  # fmt: skip


def test_null_is_a_text_where_a_text_must_be() -> None:
    assert read_fields(["text=null"], FACTS["note_added"]) == {"text": "null"}


def test_numbers_and_truth_are_read_where_the_field_takes_them() -> None:
    assert read_fields(["sent=true", "why=7"], COMMANDS["resolve_touch"]) == {"sent": True, "why": "7"}


def test_a_value_may_hold_equals_signs() -> None:
    assert read_fields(["text=a=b"], FACTS["note_added"]) == {"text": "a=b"}


@pytest.mark.parametrize(
    ("given", "said"), [(["text"], "write name=value"), (["=x"], "write name=value"), (["text=a", "text=b"], "twice")]
)
def test_what_is_no_field_is_refused(given: list[str], said: str) -> None:
    with pytest.raises(typer.BadParameter, match=said):
        read_fields(given, FACTS["note_added"])


@pytest.mark.parametrize("value", ['[{"id": "ana"', "[{id: ana}]", "{'id': 'ana'}", "[ana]"])
def test_what_only_begins_as_json_is_told_where_it_is_none(value: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"contacts is no JSON: .* at its character \d+\. In a shell"):
        read_fields([f"contacts={value}"], Deal)


def test_what_begins_as_json_is_a_text_where_a_text_is_taken() -> None:
    assert read_fields(["text=[sic] {x"], FACTS["note_added"]) == {"text": "[sic] {x"}


def test_nested_beyond_reason_is_a_text_that_the_model_refuses() -> None:
    deep = "[" * 100_000
    assert read_fields([f"contacts={deep}"], Deal) == {"contacts": deep}
