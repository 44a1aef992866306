"""What each part of a deal must fulfil beyond its type, by the field that holds it."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from zoneinfo import available_timezones

from dealwright.calendar.working_hours import BadHours, WorkingHours, enough
from dealwright.calendar.zones import ANY_ZONE, UnknownZone, is_zone, zone_named
from dealwright.deal import Contract, Meeting, Money, Proposal
from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.diagnostics.text import quoted, short
from dealwright.validation.walk import Part
from dealwright.values.addresses import complaint_about_address
from dealwright.values.iso_codes import wrong_country, wrong_currency
from dealwright.values.recorded import LONGEST_TEXT
from dealwright.values.size_limits import MOST_DIGITS, MOST_ITEMS, has_many_digits

LONGEST_NAME = 200
"""Characters in a title, a name, an id."""
LARGEST_AMOUNT = Decimal(10) ** 15
FINEST_AMOUNT = 4
"""Decimal places of an amount."""
YEARS = range(1990, 2200)
"""Years in which a date of a deal may lie; a 0 that was meant to be none reads as 1970."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Line breaks, control characters, and what turns the direction of the text after it."""
_HALF = re.compile(r"[\ud800-\udfff]")
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
_ONE_LINE = frozenset(
    {"id", "name", "title", "source", "parent", "role", "timezone", "country", "currency", "domain", "hours"}
)
_SHORT = _ONE_LINE | {"status", "industry", "phone", "email"}
_NEVER_EMPTY = frozenset({"id", "name"})
_DEAL_IDS = frozenset({("id",), ("parent",)})
_ALL_OF_IT = 100
_MOST_SUGGESTIONS = 5
"""Diagnostics after which the nearest time zone is no longer looked for: that takes milliseconds each."""
_NOT_FINITE = "this is not a finite number"


def in_any_model(parts: Iterable[Part]) -> Iterator[Diagnostic]:
    """What no text, number or date may be, whatever it says."""
    for place, _, value in parts:
        if isinstance(value, str):
            if _HALF.search(value):
                yield Diagnostic(place, "the text has half of a character (of a surrogate pair)", "leave it out")
            elif "\x00" in value:
                yield Diagnostic(place, "the text has a character with the code 0", "leave it out")
        elif isinstance(value, float) and not math.isfinite(value):
            yield Diagnostic(place, _NOT_FINITE, "write one such as 71")
        elif isinstance(value, int | Decimal) and has_many_digits(value):
            yield Diagnostic(place, f"the number has more than {MOST_DIGITS} digits", "write a shorter one")
        elif isinstance(value, date) and value.year not in YEARS:
            remedy = f"write one from {YEARS.start} to {YEARS.stop - 1}"
            yield Diagnostic(place, f"the year {value.year} is none in which a deal lives", remedy)


def in_a_deal(parts: Iterable[Part]) -> Iterator[Diagnostic]:
    """What the fields of a deal may not be."""
    found = 0
    for place, name, value in parts:
        if place not in _DEAL_IDS:
            for one in _of_part(name, value, briefly=found >= _MOST_SUGGESTIONS):
                found += 1
                yield replace(one, place=place)


def wrong_address(text: str) -> Diagnostic | None:
    """What is wrong with a text that is no e-mail address."""
    why = complaint_about_address(text)
    if why is None:
        return None
    return Diagnostic((), f"{quoted(text)} is no e-mail address: {why}", "write one such as ana@acme.example")


def _of_part(name: str, value: object, *, briefly: bool) -> Iterator[Diagnostic]:
    if isinstance(value, str):
        yield from (found := tuple(_of_text(name, value)))
        check = _wrong_zone_briefly if briefly and name == "timezone" else _OF_FIELDS.get(name)
        if not found and check and (wrong := check(value)) is not None:
            yield wrong
    elif isinstance(value, dict | tuple) and len(value) > MOST_ITEMS:
        yield Diagnostic((), f"there are {len(value)} items", f"give at most {MOST_ITEMS}", code="too_large")
    elif isinstance(value, Money):
        yield from _of_amount(value.amount)
    elif isinstance(value, Meeting) and value.starts_at is None:
        remedy = "write when it begins, such as 2026-11-24T09:30:00+01:00"
        yield Diagnostic((), "'starts_at' is missing", remedy, code="missing")
    elif isinstance(value, Contract):
        yield from _of_contract(value)
    elif isinstance(value, Proposal) and value.discount is not None and not 0 <= value.discount <= _ALL_OF_IT:
        yield Diagnostic((), f"there is no discount of {value.discount} percent", f"write 0 to {_ALL_OF_IT}")


def _of_contract(contract: Contract) -> Iterator[Diagnostic]:
    if contract.starts_on is None or contract.ends_on is None:
        remedy = "write both days of the term, such as 2026-11-24"
        yield Diagnostic((), "'starts_on' and 'ends_on' belong together", remedy, code="missing")
    elif contract.ends_on < contract.starts_on:
        problem = f"the contract ends on {contract.ends_on}, before it starts on {contract.starts_on}"
        yield Diagnostic((), problem, "mend one of the days")


def _of_text(name: str, text: str) -> Iterator[Diagnostic]:
    most = LONGEST_NAME if name in _SHORT else LONGEST_TEXT
    if len(text) > most:
        yield Diagnostic((), f"the text has {len(text)} characters", f"write at most {most}", code="too_large")
    elif name in _NEVER_EMPTY and all(unicodedata.category(sign) in _UNSEEN for sign in text):
        yield Diagnostic((), "the text is empty", "write one", code="missing")
    elif name in _ONE_LINE and _UNPRINTABLE.search(text):
        yield Diagnostic((), "the text has a line break or an invisible character", "write it on one line")


def _of_amount(amount: Decimal) -> Iterator[Diagnostic]:
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):
        yield Diagnostic((), _NOT_FINITE, "write one such as 71")
    elif amount < 0:
        yield Diagnostic((), f"the amount {short(str(amount), MOST_DIGITS)} is negative", "write 0 or more")
    elif amount >= LARGEST_AMOUNT:
        yield Diagnostic((), f"the amount has {amount.adjusted() + 1} digits", "write one below 10^15")
    elif -exponent > FINEST_AMOUNT:
        yield Diagnostic((), f"the amount has {-exponent} decimal places", f"write at most {FINEST_AMOUNT}")


def _wrong_zone(text: str) -> Diagnostic | None:
    try:
        zone_named(text)
    except UnknownZone as error:
        # A machine without time zone data cannot judge: there, the worker does.
        return error.diagnostics[0] if _has_zones() else None
    return None


def _wrong_zone_briefly(text: str) -> Diagnostic | None:
    if is_zone(text) or not _has_zones():
        return None
    return Diagnostic((), f"{quoted(text)} is not an IANA time zone", f"write {ANY_ZONE}")


def _wrong_hours(text: str) -> Diagnostic | None:
    try:
        enough(WorkingHours.parse(text))
    except BadHours as error:
        return error.diagnostics[0]
    return None


@cache
def _has_zones() -> bool:
    return bool(available_timezones())


_OF_FIELDS: dict[str, Callable[[str], Diagnostic | None]] = {
    "email": wrong_address,
    "timezone": _wrong_zone,
    "hours": _wrong_hours,
    "country": wrong_country,
    "currency": wrong_currency,
}
