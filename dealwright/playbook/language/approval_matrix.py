"""Rules of an approval that apply side by side, each with the chain that it asks.

What is not known may be worth anything: a rule applies unless it is known that it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import Field

from dealwright.deal import Money
from dealwright.playbook.language.approval_chains import Approver
from dealwright.playbook.language.condition_syntax import Condition
from dealwright.playbook.language.conditions import (
    All,
    Any,
    Compares,
    ComparesPaths,
    Equals,
    IsKnown,
    Not,
    Test,
    stand_so,
)
from dealwright.playbook.language.fields import Currency
from dealwright.playbook.language.paths import Path, as_compared
from dealwright.terms import Worse
from dealwright.values.recorded import Given

Reader: TypeAlias = Callable[[Path], object]
"""Gives the value of a path, or None where it is not known."""


class MatrixRule(Given):
    """Whose yes it takes in one case."""

    if_: Condition | None = Field(default=None, alias="if")
    """In which case, by values of the deal; without it, always."""
    currency: Currency | None = None
    """In which currency amounts in the case are meant."""
    by: Annotated[tuple[Approver, ...], Field(min_length=1)]
    """The roles that must say yes then, in this order."""

    def applies(self, read: Reader) -> bool:
        """Whether its chain must be asked: unless it is known that the case is another one."""
        return self.if_ is None or _holds(self.if_, read, self.currency) is not False


def directions(test: Test, *, turned: bool = False) -> Iterator[tuple[Path, Worse | None]]:
    """The paths that a case looks at, each with the direction in which it becomes true; None for neither."""
    match test:
        case Compares(path, how, _):
            yield path, _direction(how, turned=turned)
        case ComparesPaths(path, how, other):
            yield path, _direction(how, turned=turned)
            yield other, _direction(how, turned=not turned)
        case Equals(path) | IsKnown(path):
            yield path, None
        case Not(part):
            yield from directions(part, turned=not turned)
        case All(parts) | Any(parts):
            for each in parts:
                yield from directions(each, turned=turned)
        case _:
            return


def _direction(how: str, *, turned: bool) -> Worse:
    return "more" if how.startswith("gt") is not turned else "less"


def _holds(test: Test, read: Reader, currency: str | None) -> bool | None:
    """Whether a test holds; None where that is not known."""
    match test:
        case Not(part):
            held = _holds(part, read, currency)
            return None if held is None else not held
        case All(parts):
            return _all(_holds(each, read, currency) for each in parts)
        case Any(parts):
            none = _all(_opposite(_holds(each, read, currency)) for each in parts)
            return _opposite(none)
        case Equals(path, values, negated):
            value = _measured(read(path), currency)
            held_values = value if isinstance(value, tuple) else (value,)
            return None if value is None else any(each in values for each in held_values) is not negated
        case Compares(path, how, limit):
            return stand_so(_measured(read(path), currency), how, limit)
        case ComparesPaths(path, how, other):
            one, another = read(path), read(other)
            if isinstance(one, Money) and isinstance(another, Money) and one.currency != another.currency:
                return None
            return stand_so(as_compared(one), how, as_compared(another))
        case IsKnown(path, negated):
            return (as_compared(read(path)) is None) is negated
        case _:
            return None  # the check refuses all others: they are no values to agree to


def _all(parts: Iterable[bool | None]) -> bool | None:
    found = tuple(parts)
    return False if False in found else None if None in found else True


def _opposite(held: bool | None) -> bool | None:
    return None if held is None else not held


def _measured(value: object, currency: str | None) -> object:
    """A value as it is compared with a limit; None where nobody can: money in another currency."""
    if isinstance(value, Money) and value.currency != currency:
        return None
    compared = as_compared(value)
    return compared if not isinstance(compared, Decimal) or compared.is_finite() else None
