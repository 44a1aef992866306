"""Levels of an approval: whose yes it takes, by one value and in which currency."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from dealwright.deal import Money
from dealwright.playbook.language.approval_chains import Approver, chain_of
from dealwright.playbook.language.paths import Path, as_compared
from dealwright.terms import Chain
from dealwright.values.recorded import Given


class ApprovalLevel(Given):
    """Who must say yes, in this order, up to a value."""

    up_to: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """For values up to this; without it, for whatever is above the levels before."""
    by: tuple[Approver, ...] = ()
    """The roles that must say yes, in this order."""


def chain_by_levels(levels: Sequence[ApprovalLevel], of: Path, currency: str | None, value: object) -> Chain | None:
    """Whom a value must be agreed to by, in order; None when nobody may agree to it.

    What is not known, and money in another currency than the levels', may be worth anything: everybody is asked.
    """
    number = as_compared(value)
    if not isinstance(number, Decimal) or (of.is_money and not _is_in(value, currency)):
        return _everybody(levels) or None
    for level in levels:
        if level.up_to is not None and number <= Decimal(str(level.up_to)):
            return chain_of(level.by)
    return next((chain_of(level.by) for level in reversed(levels) if level.by), None)


def _everybody(levels: Sequence[ApprovalLevel]) -> Chain:
    """The longest chain, and whoever else stands in a level above it: for what is not known."""
    chains = [chain_of(level.by) for level in levels]
    at = max(range(len(chains)), key=lambda index: (len(chains[index]), index))
    above = (seat for chain in chains[at + 1 :] for seat in chain)
    return tuple(dict.fromkeys((*chains[at], *above)))


def _is_in(value: object, currency: str | None) -> bool:
    return isinstance(value, Money) and value.currency == currency
