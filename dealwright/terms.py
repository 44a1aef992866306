"""Exact terms: what an approval is asked for, and what was agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from dealwright.deal import Money
from dealwright.values.recorded import Recorded


class Terms(Recorded):
    """What people agree to, by name. Money is an amount here; its currency stands beside it."""

    values: dict[str, str]
    """Each value as it is written; empty for what is not known."""
    currencies: dict[str, str] = {}

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Terms:
        """The terms that these values make."""
        currencies = {name: value.currency for name, value in values.items() if isinstance(value, Money)}
        return cls(values={name: _written(value) for name, value in values.items()}, currencies=currencies)

    def shown(self) -> dict[str, str]:
        """The terms as people read them, money with its currency."""
        return {
            name: f"{value} {self.currencies[name]}" if name in self.currencies else value
            for name, value in self.values.items()
        }

    def words(self) -> str:
        """The terms as one line."""
        return ", ".join(f"{name} {value or 'not known'}" for name, value in self.shown().items())

    def repeated_by(self, theirs: Mapping[str, Decimal | str]) -> bool:
        """Whether somebody names these terms, however they write a number. A currency may be left out."""
        return self.values.keys() == theirs.keys() and all(
            _same(value, theirs[name], self.currencies.get(name)) for name, value in self.values.items()
        )

    def covers(self, asked: Terms, of: str) -> bool:
        """Whether whoever agreed to these terms agreed to those as well: all are equal, and ``of`` is not worse."""
        if self.currencies != asked.currencies or self.values.keys() != asked.values.keys():
            return False
        if any(asked.values[name] != value for name, value in self.values.items() if name != of):
            return False
        granted, wanted = _number(self.values[of]), _number(asked.values[of])
        return granted is not None and wanted is not None and wanted <= granted


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case Money():
            return _digits(value.amount)
        case Decimal():
            return _digits(value)
        case bool() | str():
            return str(value)
        case int() | float():
            return _digits(Decimal(str(value)))
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return ", ".join(map(str, value))
    return str(value)


def _digits(number: Decimal) -> str:
    return f"{number.normalize():f}" if number else "0"


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _same(ours: str, theirs: Decimal | str, currency: str | None) -> bool:
    text = str(theirs).strip()
    if currency is not None and text.upper().startswith(currency):
        text = text[len(currency) :].strip()
    elif currency is not None and text.upper().endswith(currency):
        text = text[: -len(currency)].strip()
    if ours == text:
        return True
    one, other = _number(ours), _number(text)
    return one == other if one is not None else _moment(ours) is not None and _moment(ours) == _moment(text)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
