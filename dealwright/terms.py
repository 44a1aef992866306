"""Exact terms: what an approval is asked for, and what was agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from dealwright.deal import Money
from dealwright.values.recorded import Recorded

Worse: TypeAlias = Literal["more", "less"]
"""In which direction a number gets worse for whoever must agree to it."""
Seat: TypeAlias = tuple[str, ...]
"""The roles of which one is enough."""
Chain: TypeAlias = tuple[Seat, ...]
"""Seats that are asked one after the other."""
Chains: TypeAlias = tuple[Chain, ...]
"""Chains that are asked side by side."""


def seats_of(roles: tuple[str, ...], chains: Chains, part: int) -> Chain:
    """The seats of one chain of several; where no chains are told, one for each role."""
    return chains[part] if part < len(chains) else tuple((role,) for role in roles)


def everybody_in(chains: Chains) -> tuple[str, ...]:
    """All roles that chains ask, each once."""
    return tuple(dict.fromkeys(role for chain in chains for seat in chain for role in seat))


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

    def covers(self, asked: Terms, worse: Mapping[str, Worse]) -> bool:
        """Whether whoever agreed to these terms agreed to those as well: none is another one, or at least none worse.

        ``worse`` says for some terms in which direction they get worse. What is not known is equal to itself only.
        """
        if self.currencies != asked.currencies or self.values.keys() != asked.values.keys():
            return False
        return all(_no_worse(value, asked.values[name], worse.get(name)) for name, value in self.values.items())


def _no_worse(granted: str, wanted: str, worse: Worse | None) -> bool:
    if granted == wanted:
        return True
    one, other = _number(granted), _number(wanted)
    if worse is None or one is None or other is None:
        return False
    return other <= one if worse == "more" else other >= one


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
