"""What a document costs: written onto it when it is sent, and told when it is signed, or nothing at all."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dealwright.deal import Money
from integrations.kit.document_amounts import Amounts, certain, money_of, offered_since, restated
from integrations.kit.documents import DocumentChange, marks_of
from tests.integrations.documents.effects import a_contract, a_proposal

YEARLY, ONCE = Money(amount=Decimal("8000.50"), currency="EUR"), Money(amount=Decimal(1000), currency="EUR")
NINE = Money(amount=Decimal(9000), currency="EUR")


def euros(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def test_a_mark_names_amount_currency_and_for_which_time_it_is() -> None:
    marks = marks_of("acme-1", a_contract("paper", "docusign", recurring=YEARLY, one_off=ONCE))

    assert {name: text for name, text in marks.items() if "EUR" in text} == {
        "dealwright_value": "9000 EUR", "dealwright_recurring": "8000.5 EUR a year",
        "dealwright_one_off": "1000 EUR once",
    }  # fmt: skip


def test_what_is_read_again_is_what_was_written() -> None:
    amounts = Amounts(value=NINE, recurring=YEARLY, one_off=ONCE)

    assert Amounts.marked(amounts.marks) == amounts


@pytest.mark.parametrize(
    "meddled",
    [
        "nine thousand",
        "9000",
        "9000 euros",
        "9.000,00 EUR",
        "9000 EUR a month",
        "-9000 EUR",
        "9e3 EUR",
        "NaN EUR",
        "٩ EUR",
    ],
)
def test_where_one_mark_cannot_be_read_nothing_is_told(meddled: str) -> None:
    marks = {**Amounts(recurring=YEARLY).marks, "dealwright_value": meddled}

    assert certain(marks, total=None) == certain(marks, total=NINE) == Amounts()


@pytest.mark.parametrize("total", ["8000.50", "9000.50", "9000.00"])
def test_a_total_in_the_tool_that_is_one_of_what_was_sent_changes_nothing(total: str) -> None:
    sent = Amounts(value=NINE, recurring=YEARLY, one_off=ONCE)

    assert certain(sent.marks, euros(total)) == sent


@pytest.mark.parametrize("total", [euros("8999.99"), Money(amount=Decimal(9000), currency="USD")])
def test_where_the_tool_has_another_total_than_was_sent_nobody_knows_what_was_signed(total: Money) -> None:
    assert certain(Amounts(value=NINE).marks, total) == Amounts()


def test_a_document_that_people_made_in_the_tool_is_worth_what_the_tool_says() -> None:
    assert certain({}, NINE) == Amounts(value=NINE)
    assert certain({}, None) == Amounts()


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0.00", "EUR"), ("", "EUR"), ("9000", ""), ("9000", "eur"), ("nan", "EUR"), ("-1", "EUR"), (None, None)],
)
def test_a_total_that_says_nothing_counts_as_none(amount: str | None, currency: str | None) -> None:
    assert money_of(amount, currency) is None


def test_a_document_whose_terms_name_no_amount_carries_none() -> None:
    marks = marks_of("acme-1", a_proposal("offer", "pandadoc", amount=None))

    made = DocumentChange(id="1", at=datetime.now(UTC), document="d", change="completed").with_marks(marks)

    assert (made.amount, made.recurring, made.one_off) == (None, None, None)


@pytest.mark.parametrize(
    ("at_first", "total", "offered"),
    [
        (None, "8500", "8500"), ("9000", "8500", "8500"), ("9000", "9000", None),
        ("8000.50", "7500", None),  # a year's table
        ("10710", "10000", None),  # with taxes in it
    ],
)  # fmt: skip
def test_another_total_than_it_was_sent_for_is_what_it_costs_now_where_it_was_that_of_the_whole(
    at_first: str | None, total: str, offered: str | None
) -> None:
    sent = Amounts(value=NINE) if at_first is None else Amounts(value=NINE, recurring=YEARLY, one_off=ONCE)
    told = offered_since(sent.marks, euros(total), None if at_first is None else euros(at_first))
    assert told == (None if offered is None else euros(offered))


def test_a_total_that_may_be_that_of_a_year_is_not_taken_for_the_whole() -> None:
    sent = Amounts(value=NINE, recurring=YEARLY, one_off=ONCE)
    assert offered_since(sent.marks, euros("8500"), None) is None
    assert offered_since({}, euros("8500"), None) is None


@pytest.mark.parametrize(
    ("says", "offered"),
    [
        ("8000 EUR", euros("8000")), ("8000 USD", Money(amount=Decimal(8000), currency="USD")),
        ("9000 EUR", None), ("9000.00 EUR", None), ("8,000 EUR", None), ("", None),
    ],
)  # fmt: skip
def test_a_term_that_said_what_it_costs_and_says_another_amount_is_what_it_costs_now(
    says: str, offered: Money | None
) -> None:
    first = {"amount": "9000 EUR", "discount": "5", "first_year": "8000.5 EUR"}
    assert restated(Amounts(value=NINE).marks, first, {**first, "amount": says}) == offered


def test_terms_that_said_the_same_amount_and_say_two_now_tell_none() -> None:
    first = {"amount": "9000 EUR", "price": "9000 EUR"}
    marks = Amounts(value=NINE).marks
    assert restated(marks, first, {"amount": "8000 EUR", "price": "7000 EUR"}) is None
    assert restated(marks, first, {"amount": "8000 EUR", "price": "9000 EUR"}) is None
    assert restated({}, first, {"amount": "8000 EUR"}) is None
