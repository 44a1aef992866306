"""The amounts that a document is made for, written onto it and read again when it is signed.

They are the terms that were granted and sent. What was signed is told with these amounts, or with none at all: where
a mark cannot be read, or the tool's own total is another one, nobody knows which of the two holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pydantic import JsonValue

from dealwright.deal import Money
from dealwright.effects import SendDocument

VALUE, RECURRING, ONE_OFF = "dealwright_value", "dealwright_recurring", "dealwright_one_off"
_PERIODS = {VALUE: "", RECURRING: " a year", ONE_OFF: " once"}
"""For which time each amount is: the value is of the whole document."""
_MARK = re.compile(r"(?P<amount>[0-9]{1,30}(\.[0-9]{1,10})?) (?P<currency>[A-Z]{3})(?P<period>.*)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """What a document says of money. None of what it does not say."""

    value: Money | None = None
    """What it is worth as a whole."""
    recurring: Money | None = None
    """What comes again each year."""
    one_off: Money | None = None
    """What comes once."""

    @classmethod
    def of(cls, effect: SendDocument) -> Amounts:
        """Those of a document that is to be sent."""
        return cls(value=effect.amount, recurring=effect.recurring, one_off=effect.one_off)

    @classmethod
    def marked(cls, marks: Mapping[str, str]) -> Amounts | None:
        """Those that a document carries; none of them where one cannot be read. None: it was never marked."""
        if not any(marks.get(name) for name in _PERIODS):
            return None
        read = {name: _read(marks[name], period) for name, period in _PERIODS.items() if marks.get(name)}
        if None in read.values():
            return cls()
        return cls(value=read.get(VALUE), recurring=read.get(RECURRING), one_off=read.get(ONE_OFF))

    @property
    def marks(self) -> dict[str, str]:
        """They as marks of a document."""
        said = {VALUE: self.value, RECURRING: self.recurring, ONE_OFF: self.one_off}
        return {
            name: f"{money.amount.normalize():f} {money.currency}{_PERIODS[name]}"
            for name, money in said.items()
            if money is not None and money.amount.is_finite() and money.amount >= 0
        }

    @property
    def is_one_sum(self) -> bool:
        """Whether a total of it can only be that of the whole."""
        year = [one.amount for one in (self.recurring, self.one_off) if one is not None]
        return self.value is not None and (not year or sum(year) == self.value.amount)

    def agree_with(self, total: Money) -> bool:
        """Whether a tool's own total of the document is one of what they make."""
        return total in {*self._totals()}

    def _totals(self) -> Iterator[Money]:
        if self.value is not None:
            yield self.value
        if self.recurring is not None:
            yield self.recurring
            if self.one_off is not None and self.one_off.currency == self.recurring.currency:
                yield Money(amount=self.recurring.amount + self.one_off.amount, currency=self.recurring.currency)


def certain(marks: Mapping[str, str], total: Money | None) -> Amounts:
    """What a document is worth, as far as that is certain.

    ``total`` is what the tool itself shows, if anything: it counts for documents that carry no amount of ours.
    """
    marked = Amounts.marked(marks)
    if marked is None:
        return Amounts(value=total)
    return marked if total is None or marked.agree_with(total) else Amounts()


def offered_since(marks: Mapping[str, str], total: Money, at_first: Money | None) -> Money | None:
    """What a document is offered for since somebody changed it by hand and sent it again, as the tool's total says.

    ``at_first`` is the tool's total when we sent it, where that is known. None: it is what we sent it for, or nobody
    can tell, as the total never was that (it has taxes in it), or may be that of a year.
    """
    marked = Amounts.marked(marks)
    if marked is None or marked.agree_with(total):
        return None
    is_of_the_whole = marked.is_one_sum if at_first is None else at_first == marked.value
    return total if is_of_the_whole else None


def restated(marks: Mapping[str, str], at_first: Mapping[str, str], now: Mapping[str, str]) -> Money | None:
    """What a document is offered for since somebody changed its text, where a term says what it is worth as a whole.

    ``at_first`` and ``now`` are its terms as they stood on it when we sent it, and as they stand there. None: it says
    what we sent it for, or nothing that can be read.
    """
    marked = Amounts.marked(marks)
    if marked is None or marked.value is None:
        return None
    names = [name for name, text in at_first.items() if _read(text, "") == marked.value]
    said = {_read(now[name], "") for name in names if name in now}
    return said.pop() if len(said) == 1 and said != {marked.value} else None


def as_json(money: Money | None) -> JsonValue:
    """An amount as facts take it."""
    return None if money is None else {"amount": f"{money.amount:f}", "currency": money.currency}


def money_of(amount: str | None, currency: str | None) -> Money | None:
    """A total as tools write it. None where it is none, or nothing: a table that nobody filled in says 0."""
    if not amount or not currency or not re.fullmatch("[A-Z]{3}", currency):
        return None
    try:
        read = Decimal(amount)
    except ArithmeticError:
        return None
    return Money(amount=read, currency=currency) if read.is_finite() and read > 0 else None


def _read(text: str, period: str) -> Money | None:
    found = _MARK.fullmatch(text.strip())
    if found is None or found["period"] != period:
        return None
    return Money(amount=Decimal(found["amount"]), currency=found["currency"])
