"""How much may be handed in at once: looked at before anything else is, so that too much costs nothing.

Whatever is checked, compared or told of later grows with what came in. Here it is walked once, and the walk ends at
the first thing that is too much.
"""

from __future__ import annotations

from decimal import Decimal

from dealwright.diagnostics.diagnostic import BadValue, Place

MOST_ITEMS = 200
"""Contacts, owners, notes or technologies that one deal may have; items of any list and fields of any object."""
MOST_PARTS = 10_000
"""Values in all: more than the largest deal has."""
DEEPEST = 16
"""Objects and lists within each other."""
MOST_DIGITS = 40
"""Digits of a number, written out."""
_SO_MANY = int("1" + "0" * MOST_DIGITS)


def check_bounds(given: object) -> None:
    """Look whether it is too much to be looked at.

    Raises:
        BadValue: the one place where it is too much.
    """
    left = MOST_PARTS
    waiting: list[tuple[Place, object]] = [((), given)]
    while waiting:
        place, value = waiting.pop()
        left -= 1
        if left < 0:
            raise BadValue(f"there are more than {MOST_PARTS} values", "tell it in parts", code="too_large")
        if isinstance(value, dict | list | tuple):
            _check_size(place, len(value))
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend(((*place, step), part) for step, part in pairs)
        elif isinstance(value, int | Decimal) and has_many_digits(value):
            raise BadValue(f"the number has more than {MOST_DIGITS} digits", "write a shorter one", place)


def values_in(given: object, most: int) -> int:
    """How many values there are; of more than ``most``, not all are counted."""
    found, waiting = 0, [given]
    while waiting and found <= most:
        value = waiting.pop()
        found += 1
        if isinstance(value, dict | list):
            if len(value) > most:
                return found + len(value)
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return found


def has_many_digits(number: int | Decimal) -> bool:
    """Whether a number would be long if it were written out, as ``1e-999999`` is."""
    if isinstance(number, int):
        return abs(number) >= _SO_MANY
    _, digits, exponent = number.as_tuple()
    return isinstance(exponent, int) and len(digits) + abs(exponent) > MOST_DIGITS


def _check_size(place: Place, size: int) -> None:
    if size > MOST_ITEMS:
        raise BadValue(f"there are {size} items", f"give at most {MOST_ITEMS}", place, "too_large")
    if len(place) >= DEEPEST:
        raise BadValue(f"this is nested more than {DEEPEST} deep", "write it flatter", place, "too_large")
