"""The door: what a new deal, and news about it, must fulfil beyond its types.

Recorded models are lenient for as long as a deal lives; here what is wrong is told to whoever handed it in. The same
checks run in the client, in the HTTP API and in ``decide``, so that every way in has the same rules. They need
no network and nothing installed beyond the client's own packages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from dealwright.deal import Contact, Deal, Known
from dealwright.diagnostics.diagnostic import BadInput, Diagnostic
from dealwright.facts import Fact
from dealwright.identity import check_deal_id
from dealwright.validation.errors import BadDeal, bad_fields
from dealwright.validation.field_checks import in_a_deal, in_any_model, wrong_address
from dealwright.validation.walk import parts_of
from dealwright.values.phone_numbers import e164
from dealwright.values.size_limits import check_bounds

LARGEST_DEAL = 256 * 1024
"""Bytes of a deal's JSON: it travels with many of its effects."""
LARGEST_FACT = 64 * 1024
"""Bytes of a fact's JSON; of a larger one, a deal would keep only an excerpt."""
_HOW_TO_BEGIN = 'write one with its id, such as {"id": "acme-1"}'


def admit(given: Mapping[str, object] | Deal) -> Deal:
    """The deal that somebody wants to open, checked.

    Raises:
        BadDeal: everything that is wrong, with its place and remedy.
    """
    if not isinstance(given, Mapping | Deal):
        raise BadDeal([Diagnostic((), "the deal is no object with fields", _HOW_TO_BEGIN, code="wrong_type")])
    fields = given.model_dump(exclude_none=True) if isinstance(given, Deal) else dict(given)
    try:
        check_bounds(fields)
        deal = Deal.model_validate(fields, extra="forbid")
    except ValidationError as error:
        raise _misread(error, fields) from error
    except BadInput as error:
        raise BadDeal(error.diagnostics) from error
    if found := (*_in(deal), *_too_large("deal", deal, LARGEST_DEAL)):
        raise BadDeal(found)
    return deal


def check_known(known: Known) -> None:
    """Check what a fact teaches, or what ``amend`` gives, before a deal learns it.

    Raises:
        BadDeal: everything that is wrong, with its place and remedy.
    """
    if found := tuple(_in(known)):
        raise BadDeal(found)


def check_fact(fact: Fact) -> Known | None:
    """Check a fact and what it teaches, before a deal takes it; returns what it teaches.

    Raises:
        BadDeal: everything that is wrong, with its place and remedy.
    """
    news = fact.learn()
    parts = parts_of(fact)
    written = ((place, str(text or "")) for place, name, text in parts if name == "address")
    addresses = ((place, text) for place, text in written if e164(text) is None)
    found = (
        *in_any_model(parts),
        *(wrong.under(*place) for place, text in addresses if (wrong := wrong_address(text)) is not None),
        *(_in(news) if news else ()),
        *_too_large("fact", fact, LARGEST_FACT),
    )
    if found:
        raise BadDeal(dict.fromkeys(found))
    return news


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


def _misread(error: ValidationError, fields: Mapping[str, object]) -> BadDeal:
    details = error.errors(include_url=False)
    broken = {str(item["loc"][0]) for item in details if item["loc"]}
    # What could be read is checked as well, so that one round is enough to mend a deal.
    rest = {"id": "unread"} | {name: value for name, value in fields.items() if str(name) not in broken}
    return bad_fields(details, Deal, besides=_in(Deal.model_validate(rest)))


def _in(known: Known) -> Iterator[Diagnostic]:
    parts = parts_of(known)
    yield from in_any_model(parts)
    yield from in_a_deal(parts)
    if isinstance(known, Deal):
        yield from _of_id("id", known.id)
    if known.parent is not None:
        yield from _of_id("parent", known.parent)
    yield from _twice(known.contacts or ())


def _of_id(field: str, deal_id: str) -> Iterator[Diagnostic]:
    try:
        check_deal_id(deal_id)
    except BadInput as error:
        yield from (one.under(field) for one in error.diagnostics)


def _twice(contacts: tuple[Contact, ...]) -> Iterator[Diagnostic]:
    seen: dict[str, int] = {}
    for number, contact in enumerate(contacts):
        if (first := seen.setdefault(contact.id, number)) != number:
            problem = f"the id is that of contacts[{first}] too"
            yield Diagnostic(("contacts", number, "id"), problem, "give every contact its own", code="duplicate")


def _too_large(what: str, model: BaseModel, most: int) -> Iterator[Diagnostic]:
    try:
        size = len(to_json(model, exclude_none=True))
    except PydanticSerializationError:  # a text of it cannot be written, which is told where it stands
        return
    if size > most:
        remedy = f"keep it to {most}: leave texts out, or tell them in parts"
        yield Diagnostic((), f"the {what} has {size} bytes as JSON", remedy, code="too_large")
