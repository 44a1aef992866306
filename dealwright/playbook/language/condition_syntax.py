"""How a playbook writes conditions: tests over a deal, as data.

=====================================  ======================================================================
written                                true when
=====================================  ======================================================================
``demo_held``                          the fact (or event) happened; see *since* below
``mql``                                the deal is at that level, which the playbook declares
``{reply_received: interested}``       it happened with that variant (a list: any of them)
``{call_logged: X, times: 3,``         it happened so often; ``within: 7d``: with no more than that between the first
``within: 7d}``                        and the last of them
``{deal.source: inbound}``             the path has that value
``{deal.source: {in: [a, b]}}``        … one of these values (also ``not_in``)
``{qualification.bant: {gte: 3}}``     … at least that (also ``gt``, ``lte``, ``lt``)
``{deal.amount: {gte: 5, lt: 9}}``     … between these: all tests must hold
``{deal.score: {gt: {path: X}}}``      … more than the value of another path
``{contract.ends_on: {within: 60d}}``  … a date ahead, not further than that; ``older_than`` and ``newer_than``: back
``{contract.ends_on: {known: true}}``  … any value at all (or none, with ``false``)
``{reply_received: X, since: deal}``   … since the deal began, or the stage's ``visit``; stands beside not/all/any, too
``{qualification.champion: {status: X}}`` … an answer that is as sure as that, or surer: named, met, verified
``{not: X}`` ``{all: [X, Y]}``         as they read; a list alone means ``any``, several pairs in one mapping
``{any: [X, Y]}``                      mean ``all``
=====================================  ======================================================================

*Since*: what counts is what happened since that began to which the condition belongs, by the time it happened, not by
the time it was told: the stage's visit for ``leave_when``, gates and the ``if`` of a stage's play, the run for the
``if`` of a step (from its trigger on), the deal for the ``if`` of its own plays. ``since: deal`` and ``since: visit``
say otherwise. A visit begins when that happened which led to it.
A path with no value never compares as true, except ``known: false``. Of a path with several texts
(``account.technologies``) any may be the one; of money the amount is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from dealwright.calendar.durations import Span
from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic, read_parts
from dealwright.diagnostics.suggestions import did_you_mean, nearest
from dealwright.diagnostics.written_numbers import number_meant
from dealwright.facts import FACTS
from dealwright.playbook.language.conditions import (
    All,
    Any,
    Compares,
    ComparesPaths,
    Comparison,
    Equals,
    HasHappened,
    IsKnown,
    Not,
    Scalar,
    Test,
    leaves,
    since_the,
    words_of,
)
from dealwright.playbook.language.contact_conditions import CONTACTS, read_contacts
from dealwright.playbook.language.counts import HappenedTimes, is_count, read_count
from dealwright.playbook.language.fields import own_paths
from dealwright.playbook.language.levels import LEVEL, HasLevel
from dealwright.playbook.language.meant_conditions import refuse_what_is_meant_otherwise
from dealwright.playbook.language.paths import STATUS, Path, known_path, status_paths
from dealwright.playbook.language.relative_dates import Distance, RelativeDate
from dealwright.playbook.language.triggers import EVENTS, event_keys
from dealwright.qualification import STATUSES

SINCE = "since"
"""The key that says since when facts count."""
_WRITTEN = {
    "number": "a number, without quotes",
    "text": "a text, in quotes if it looks like a number or a date",
    "texts": "a text, in quotes if it looks like a number or a date",
    "date": "a date such as 2026-01-31",
}


def read_condition(written: object, own: Mapping[str, Path] | None = None) -> Test:
    """Read a condition as a playbook writes it; ``own`` are the paths of the fields that it declares.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    return _Reader(own or {}).read(written)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads conditions of one playbook."""

    own: Mapping[str, Path]

    def read(self, written: object) -> Test:
        match written:
            case _ if isinstance(written, Test):
                return written
            case str() if f"{LEVEL}{written}" in self.own:
                return HasLevel(written)
            case str() if (near := self._level_like(written)) is not None:
                raise BadValue(f"{written!r} is no fact, event or level", f"Did you mean {near!r}?")
            case str():
                refuse_what_is_meant_otherwise(written, self.own)
                return HasHappened(event_keys(written, None))
            case list() if written:
                return Any(tuple(read_parts(enumerate(written), self.read)))
            case dict() if SINCE in written:
                return self._since(written)
            case dict() if is_count(written):
                return read_count(written)
            case dict() if written:
                pairs = [(str(name), (str(name), value)) for name, value in written.items()]
                parts = read_parts(pairs, self._pair)
                return parts[0] if len(parts) == 1 else All(tuple(parts))
        raise BadValue(f"{written!r} is no condition", "write a fact's name, {path: value}, or not/any/all of such")

    def _since(self, written: Mapping[object, object]) -> Test:
        """A condition with what its facts count since."""
        scope, rest = written[SINCE], {name: part for name, part in written.items() if name != SINCE}
        if scope not in {"deal", "visit"}:
            problem = f"nothing counts since {scope!r}"
            raise BadInput(
                [Diagnostic((SINCE,), problem, "write deal or visit; without it, see docs/playbook/conditions.md")]
            )
        condition = self.read(rest) if rest else None
        if condition is None or not any(isinstance(leaf, (HasHappened, HappenedTimes)) for leaf in leaves(condition)):
            problem = f"{SINCE!r} stands beside no fact or event"
            remedy = "write it beside one, as in {demo_held: any, since: deal}, or take it out"
            raise BadInput([Diagnostic((SINCE,), problem, remedy)])
        return since_the("deal" if scope == "deal" else "visit", condition)

    def _level_like(self, written: str) -> str | None:
        """The level that is probably meant by what is no fact or event."""
        levels = [name.removeprefix(LEVEL) for name in self.own if name.startswith(LEVEL)]
        return None if written in FACTS or written in EVENTS else nearest(written, levels)

    def _pair(self, pair: tuple[str, object]) -> Test:
        name, value = pair
        match name, value:
            case "not", _:
                return Not(self.read(value))
            case (("any" | "all"), list()) if value:
                parts = tuple(read_parts(enumerate(value), self.read))
                return Any(parts) if name == "any" else All(parts)
            case (("any" | "all"), _):
                raise BadValue(f"{name!r} takes a list of conditions", f"write {name}: [first, second]")
        if name == CONTACTS:
            return read_contacts(value)
        if value is None or "." not in name:
            refuse_what_is_meant_otherwise(name, self.own)
        if "." in name:
            path = known_path(name, self.own)
            return IsKnown(path) if path.broken else self._comparison(path, value)
        return HasHappened(event_keys(name, value))

    def _comparison(self, path: Path, value: object) -> Test:
        if not isinstance(value, dict):
            return Equals(path, (_scalar(path, value),))
        if not value:
            raise BadValue(
                f"{path.text!r} has no test", "write one such as {gte: 3}, or several of which all must hold"
            )
        given = [(str(how), (str(how), limit)) for how, limit in value.items()]
        if len(given) == 1:
            return self._test(path, given[0][1])
        return All(tuple(read_parts(given, partial(self._test, path))))

    def _test(self, path: Path, given: tuple[str, object]) -> Test:
        how, limit = given
        if isinstance(limit, dict) and list(limit) == ["path"]:
            return _against(path, how, known_path(str(limit["path"]), self.own))
        return _read_test(path, how, limit)


def _against(path: Path, how: str, other: Path) -> Test:
    """A comparison of two paths."""
    match how:
        case "gte" | "gt" | "lte" | "lt":
            comparison: Comparison = how
        case _:
            raise BadValue(f"{how!r} does not compare two paths", "write gte, gt, lte or lt")
    if path.broken or other.broken:
        return IsKnown(path)
    for each in (path, other):
        if each.kind not in {"number", "date"}:
            raise BadValue(
                f"{each.text!r} has no order that {how!r} could ask for", "compare numbers, amounts or dates"
            )
    if (path.kind, path.is_money) != (other.kind, other.is_money):
        problem = f"{path.text!r} and {other.text!r} cannot be compared"
        raise BadValue(problem, "compare a number with a number, an amount with an amount, a date with a date")
    return ComparesPaths(path, comparison, other)


def _read_test(path: Path, how: str, limit: object) -> Test:
    match how:
        case "known":
            return IsKnown(path, negated=not _truth(path, limit))
        case "in" | "not_in":
            if not isinstance(limit, list) or not limit:
                raise BadValue(f"{how!r} takes a list", f"write {{{path}: {{{how}: [first, second]}}}}")
            return Equals(path, tuple(_scalar(path, each) for each in limit), negated=how == "not_in")
        case "gte" | "gt" | "lte" | "lt":
            return Compares(path, how, _limit(path, how, limit))
        case "status":
            return _as_sure_as(path, limit)
        case "within" | "older_than" | "newer_than":
            return RelativeDate(path, how, _distance(path, how, limit))
    if limit is None and how.isdecimal():  # as in {gte: 1,000}
        raise BadValue("a comma ends a value here", "write a number without commas between its digits")
    others = ", within, older_than, newer_than" if path.kind in {"date", "time"} else ""
    raise BadValue(f"{how!r} is no test for {path}", f"write in, not_in, gte, gt, lte, lt{others} or known")


def _as_sure_as(path: Path, status: object) -> Test:
    """That an answer of the qualification is as sure as that, or surer."""
    if f"{path}{STATUS}" not in status_paths():
        raise BadValue(f"nobody says of {path.text!r} how sure it is", "ask it of an answer: qualification.champion")
    of_answer = known_path(f"{path}{STATUS}")
    if status not in STATUSES:
        remedy = did_you_mean(str(status), STATUSES, f"write one of {', '.join(STATUSES)}")
        raise BadValue(f"{status!r} is no status of an answer", remedy)
    return Equals(of_answer, STATUSES[STATUSES.index(str(status)) :])


def _distance(path: Path, how: Distance, written: object) -> Span:
    if path.kind not in {"date", "time"}:
        raise BadValue(f"{path.text!r} is no date that {how!r} could ask for", "name a date, or write another test")
    return Span.parse(str(written))


def _truth(path: Path, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise BadValue(f"{value!r} does not say whether {path} is known", "write true or false")


def _scalar(path: Path, value: object, compared_by: str = "") -> Scalar:
    match path.kind:
        case "number" if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return Decimal(str(value))
        case "text" | "texts" if isinstance(value, str):
            if path.words and value not in path.words:
                problem = f"{path.text!r} is never {value!r}"
                raise BadValue(problem, did_you_mean(value, path.words, f"write one of {', '.join(path.words)}"))
            return value
        case "date" if isinstance(value, date):
            return value
        case "time":
            problem = f"{path.text!r} is a time, which is hardly ever equal"
            raise BadValue(problem, f"write {{{path}: {{within: 2d}}}}, older_than, newer_than or known")
    remedy = f"write {_WRITTEN[path.kind]}"
    if path.kind == "number" and (meant := number_meant(value)) is not None:
        how = meant.how or compared_by
        remedy = f"write {path}: " + (f"{{{how}: {meant.number}}}" if how else meant.number)
    raise BadValue(f"{value!r} can never be {path}", remedy)


def _limit(path: Path, how: Comparison, value: object) -> Decimal | date:
    if path.kind not in {"number", "date"}:
        usable = "within, older_than, newer_than or known" if path.kind == "time" else "in, not_in or known"
        raise BadValue(f"{path.text!r} has no order that {how!r} could ask for", f"write {usable}")
    limit = _scalar(path, value, how)
    assert not isinstance(limit, str)  # noqa: S101 - of numbers and dates only such are read
    return limit


def _read_in_playbook(written: object, info: ValidationInfo) -> Test:
    return read_condition(written, own_paths(info))


Condition = Annotated[
    Test,
    PlainValidator(_read_in_playbook),
    PlainSerializer(words_of, return_type=str),
    WithJsonSchema({"$comment": "Condition"}),
]
"""A condition as a field of a playbook's model."""
