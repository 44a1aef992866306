"""Approvals as a playbook writes them: whose yes it takes, by value and in which currency."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Annotated

from pydantic import Field

from dealwright.calendar.durations import Span
from dealwright.deal import Money
from dealwright.playbook.language.fields import Currency, PathField, Word
from dealwright.playbook.language.paths import Path
from dealwright.values.recorded import Given


class ApprovalLevel(Given):
    """Who must say yes, in this order, up to a value."""

    up_to: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """For values up to this; without it, for whatever is above the levels before."""
    by: tuple[Word, ...] = ()
    """The roles that must say yes, in this order."""


class ApprovalRule(Given):
    """A question that needs a yes from a chain of people."""

    name: Word
    """The approval's name."""
    of: PathField
    """The value that decides the level."""
    terms: dict[Word, PathField] = {}
    """What else the approvers see and agree to."""
    currency: Currency | None = None
    """The currency of the levels, when ``of`` is money."""
    levels: Annotated[tuple[ApprovalLevel, ...], Field(min_length=1)]
    """Who must say yes, from the lowest value to the highest."""
    answer_within: Span = Span.parse("1bd")
    """How long each of the chain has."""
    escalate: Word | None = None
    """The role that is told when an answer is overdue."""

    @cached_property
    def key(self) -> str:
        """The name of the deciding value among the terms."""
        short = self.of.text.rpartition(".")[2]
        return short if self.terms.get(short, self.of) == self.of else self.of.text

    @cached_property
    def paths(self) -> dict[str, Path]:
        """Where each of the terms stands, by its name; the deciding value first."""
        return {self.key: self.of, **self.terms}

    @cached_property
    def everybody(self) -> tuple[str, ...]:
        """The longest chain, and whoever else stands in a level above it: for what is not known."""
        at = max(range(len(self.levels)), key=lambda index: (len(self.levels[index].by), index))
        above = (role for level in self.levels[at + 1 :] for role in level.by)
        return tuple(dict.fromkeys((*self.levels[at].by, *above)))

    def chain_for(self, value: object) -> tuple[str, ...] | None:
        """Whom a value must be agreed to by, in order; None when nobody may agree to it.

        What is not known, and money in another currency than the levels', may be worth anything: everybody is asked.
        """
        number = value.amount if isinstance(value, Money) else value
        if not isinstance(number, Decimal) or not self._measures(value):
            return self.everybody or None
        for level in self.levels:
            if level.up_to is not None and number <= Decimal(str(level.up_to)):
                return level.by
        return next((level.by for level in reversed(self.levels) if level.by), None)

    def _measures(self, value: object) -> bool:
        """Whether the levels can be compared with a value: money only in their own currency."""
        if not self.of.is_money:
            return True
        return isinstance(value, Money) and value.currency == self.currency
