"""How people read an amount."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealwright.deal import Money
from dealwright.values.iso_codes import CURRENCIES, minor_digits


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1200000", "JPY", "1,200,000 JPY"),
        ("1200000.00", "KRW", "1,200,000 KRW"),
        ("1E+6", "CLP", "1,000,000 CLP"),
        ("1200", "XOF", "1,200 XOF"),
        ("1200", "ISK", "1,200 ISK"),
        ("1200", "KWD", "1,200.000 KWD"),
        ("1200.5", "BHD", "1,200.500 BHD"),
        ("1200", "CLF", "1,200.0000 CLF"),
        ("24000", "EUR", "24,000.00 EUR"),
        ("24000.5", "USD", "24,000.50 USD"),
        ("24000.500000", "HUF", "24,000.50 HUF"),
        ("0", "EUR", "0.00 EUR"),
        ("0.000", "JPY", "0 JPY"),
        ("5", "ABC", "5.00 ABC"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(amount: str, currency: str, shown: str) -> None:
    assert str(Money(amount=Decimal(amount), currency=currency)) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1200000.5", "JPY", "1,200,000.5 JPY"),
        ("0.005", "EUR", "0.005 EUR"),
        ("12.3456", "KWD", "12.3456 KWD"),
        ("123456789012345678901234567890.125", "EUR", "123,456,789,012,345,678,901,234,567,890.125 EUR"),
    ],
)
def test_an_amount_with_more_digits_is_shown_whole(amount: str, currency: str, shown: str) -> None:
    assert str(Money(amount=Decimal(amount), currency=currency)) == shown


def test_most_currencies_have_two_digits_and_no_other_code_is_special() -> None:
    others = {currency for currency in CURRENCIES if minor_digits(currency) != 2}
    assert len(others) == 26
    assert {minor_digits(currency) for currency in others} == {0, 3, 4}
