"""The door: what a new deal, and news about it, must fulfil beyond its types.

Recorded models are lenient for as long as a deal lives; here mistakes are told to whoever makes them. The same
checks run in the client, in the HTTP API and in ``decide``, so that every way in has the same rules. They need
no network and nothing installed beyond the client's own packages.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from dealwright.calendar.durations import RefusedTime, quoted
from dealwright.calendar.zones import ANY_ZONE, is_zone, zone_named
from dealwright.deal import Contact, Contract, Deal, Known, Meeting, Money, Proposal
from dealwright.facts import Fact
from dealwright.identity import BadDealId, check_deal_id
from dealwright.validation.error_messages import REMEDIES
from dealwright.validation.mistakes import BadDeal, Problem, place_of, short
from dealwright.validation.walk import Part, parts_of
from dealwright.values.addresses import complaint_about_address
from dealwright.values.iso_codes import complaint_about_country, complaint_about_currency
from dealwright.values.recorded import LONGEST_TEXT
from dealwright.values.size_limits import MOST_DIGITS, MOST_ITEMS, check_bounds, has_many_digits

__all__ = ["BadDeal", "Problem", "admit", "check_fact", "check_known", "content_hash"]

LONGEST_NAME = 200
"""Characters in a title, a name, an id."""
LARGEST_DEAL = 256 * 1024
"""Bytes of a deal's JSON: it travels with many of its effects."""
LARGEST_FACT = 64 * 1024
"""Bytes of a fact's JSON; of a larger one, a deal would keep only an excerpt."""
LARGEST_AMOUNT = Decimal(10) ** 15
FINEST_AMOUNT = 4
"""Decimal places of an amount."""
YEARS = range(1990, 2200)
"""Years in which a date of a deal may lie; a 0 that was meant to be none reads as 1970."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_ONE_LINE = frozenset({"id", "name", "title", "source", "parent", "role", "timezone", "country", "currency", "domain"})
_SHORT = _ONE_LINE | {"status", "industry", "phone", "email"}
_NEVER_EMPTY = frozenset({"id", "name"})
_ANY_DEAL = Deal(id="any")
_DEAL_IDS = frozenset({"id", "parent"})
_ALL_OF_IT = 100
_MOST_SUGGESTIONS = 5
"""Mistakes after which the nearest time zone is no longer looked for: that takes milliseconds each."""


def admit(given: Mapping[str, object] | Deal) -> Deal:
    """The deal that somebody wants to open, checked.

    Raises:
        BadDeal: each problem with its path and remedy.
    """
    if not isinstance(given, Mapping | Deal):
        raise BadDeal((Problem("", "is no object with fields"),))
    written = given.model_dump(exclude_none=True) if isinstance(given, Deal) else dict(given)
    check_bounds(written)
    try:
        deal = Deal.model_validate(written, extra="forbid")
    except ValidationError as error:
        raise BadDeal(_misread(error, written)) from error
    if problems := (*_problems(deal), *_too_large("", deal, LARGEST_DEAL)):
        raise BadDeal(problems)
    return deal


def check_known(known: Known) -> None:
    """Check what a fact teaches, or what ``amend`` gives, before a deal learns it.

    Raises:
        BadDeal: each problem with its path and remedy.
    """
    if problems := tuple(_problems(known)):
        raise BadDeal(problems)


def check_fact(fact: Fact) -> None:
    """Check a fact and what it teaches, before it is sent to a deal.

    Raises:
        BadDeal: each problem with its path and remedy.
    """
    news = fact.learn(_ANY_DEAL)
    parts = parts_of(fact)
    problems = (
        *_in_any_model(parts),
        *(Problem(path, why) for path, name, it in parts if name == "address" and (why := _of_email(str(it or "")))),
        *(_problems(news) if news else ()),
        *_too_large("fact", fact, LARGEST_FACT),
    )
    if problems:
        raise BadDeal(tuple(dict.fromkeys(problems)))


def content_hash(deal: Deal, playbook: str) -> str:
    """What tells a deal's opening from another one's: the same for the same content, however it is written.

    Amounts that are equal and moments that are the same count as the same; what is None counts as missing.
    """
    content = {"deal": deal.model_dump(exclude_none=True), "playbook": playbook}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plainly)
    return hashlib.sha256(text.encode()).hexdigest()


def _plainly(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, datetime):
        return str(value.timestamp())
    return str(value)


def _misread(error: ValidationError, written: Mapping[str, object]) -> tuple[Problem, ...]:
    items = error.errors(include_url=False, include_input=False)
    misread = tuple(_told(item["loc"], item["type"], item["msg"]) for item in items)
    broken = {str(item["loc"][0]) for item in items if item["loc"]}
    # What could be read is checked as well, so that one round is enough to mend a deal.
    rest = {"id": "unread"} | {name: value for name, value in written.items() if str(name) not in broken}
    return (*misread, *_problems(Deal.model_validate(rest)))


def _told(loc: tuple[int | str, ...], kind: str, message: str) -> Problem:
    path = place_of(loc)
    remedy = REMEDIES.get(kind, message)
    if kind == "extra_forbidden":
        remedy += _suggestion(str(loc[-1]), _fields_at(loc[:-1]))
    return Problem(path, remedy)


def _fields_at(loc: tuple[int | str, ...]) -> tuple[str, ...]:
    """The fields that the part of a deal at this place may have."""
    model: type[BaseModel] = Deal
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
    return tuple(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in found if model), None)


def _suggestion(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word[:LONGEST_NAME], known, n=1)
    return f": did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def _problems(known: Known) -> Iterator[Problem]:
    parts = parts_of(known)
    yield from _in_any_model(parts)
    found = 0
    for path, name, value in parts:
        for text in () if path in _DEAL_IDS else _of_part(name, value, briefly=found >= _MOST_SUGGESTIONS):
            found += 1
            yield Problem(path, text)
    if isinstance(known, Deal):
        yield from _of_id("id", known.id)
    if known.parent is not None:
        yield from _of_id("parent", known.parent)
    yield from _twice(known.contacts or ())


def _too_large(path: str, model: BaseModel, most: int) -> Iterator[Problem]:
    if (size := len(to_json(model, exclude_none=True))) > most:
        yield Problem(path, f"has {size} bytes as JSON: at most {most}; leave texts out, or tell them in parts")


def _in_any_model(parts: Iterable[Part]) -> Iterator[Problem]:
    """What no text, number or date may be, whatever it says."""
    for path, _, value in parts:
        if isinstance(value, str):
            if "\x00" in value:
                yield Problem(path, "has a character with the code 0: leave it out")
        elif isinstance(value, float) and not math.isfinite(value):
            yield Problem(path, "is not a finite number")
        elif isinstance(value, int | Decimal) and has_many_digits(value):
            yield Problem(path, f"is a number of more than {MOST_DIGITS} digits")
        elif isinstance(value, date) and value.year not in YEARS:
            yield Problem(path, f"the year {value.year}: write one from {YEARS.start} to {YEARS.stop - 1}")


def _of_part(name: str, value: object, *, briefly: bool) -> Iterator[str]:
    if isinstance(value, str):
        yield from (complaints := tuple(_of_text(name, value)))
        check = _of_zone_briefly if briefly and name == "timezone" else _OF_FIELDS.get(name)
        if not complaints and check and (complaint := check(value)):
            yield complaint
    elif isinstance(value, dict | tuple) and len(value) > MOST_ITEMS:
        yield f"has {len(value)} items: at most {MOST_ITEMS}"
    elif isinstance(value, Money):
        yield from _of_amount(value.amount)
    elif isinstance(value, Meeting) and value.starts_at is None:
        yield "starts_at is required: write when it begins, such as 2026-11-24T09:30:00+01:00"
    elif isinstance(value, Contract):
        yield from _of_contract(value)
    elif isinstance(value, Proposal) and value.discount is not None and not 0 <= value.discount <= _ALL_OF_IT:
        yield f"a discount of {value.discount} percent: write 0 to {_ALL_OF_IT}"


def _of_contract(contract: Contract) -> Iterator[str]:
    if contract.starts_on is None or contract.ends_on is None:
        yield "starts_on and ends_on are required: write both days of the term, such as 2026-11-24"
    elif contract.ends_on < contract.starts_on:
        yield f"ends on {contract.ends_on}, before it starts on {contract.starts_on}: mend one of the days"


def _of_text(name: str, text: str) -> Iterator[str]:
    most = LONGEST_NAME if name in _SHORT else LONGEST_TEXT
    if len(text) > most:
        yield f"has {len(text)} characters: at most {most}"
    elif name in _NEVER_EMPTY and not text.strip():
        yield "is empty"
    elif name in _ONE_LINE and _UNPRINTABLE.search(text):
        yield "has a line break or an invisible character: write it on one line"


def _of_amount(amount: Decimal) -> Iterator[str]:
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):
        yield "is not a finite number"
    elif amount < 0:
        yield f"the amount {short(str(amount), MOST_DIGITS)} is negative: write 0 or more"
    elif amount >= LARGEST_AMOUNT:
        yield f"the amount has {amount.adjusted() + 1} digits: it must be below 10^15"
    elif -exponent > FINEST_AMOUNT:
        yield f"the amount has {-exponent} decimal places: at most {FINEST_AMOUNT}"


def _of_id(path: str, deal_id: str) -> Iterator[Problem]:
    try:
        check_deal_id(deal_id)
    except BadDealId as error:
        yield Problem(path, str(error))


def _twice(contacts: tuple[Contact, ...]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, contact in enumerate(contacts):
        if (first := seen.setdefault(contact.id, number)) != number:
            yield Problem(f"contacts.{number}.id", f"is that of contacts.{first} too: every contact has its own")


def _of_email(text: str) -> str | None:
    why = complaint_about_address(text)
    return None if why is None else f"{quoted(text)} is no e-mail address, {why}: write one such as ana@acme.example"


def _of_zone(text: str) -> str | None:
    try:
        zone_named(text)
    except RefusedTime as error:
        # A machine without time zone data cannot judge: there, the worker does.
        return str(error) if _has_zones() else None
    return None


def _of_zone_briefly(text: str) -> str | None:
    return None if is_zone(text) or not _has_zones() else f"{quoted(text)} is not an IANA time zone: write {ANY_ZONE}"


@cache
def _has_zones() -> bool:
    return bool(available_timezones())


_OF_FIELDS: dict[str, Callable[[str], str | None]] = {
    "email": _of_email,
    "timezone": _of_zone,
    "country": complaint_about_country,
    "currency": complaint_about_currency,
}
