"""Whose yes terms need, worked out anew from the playbook: what Dealwright's own answer is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from dealwright.deal import Money
from dealwright.playbook.language.approval_chains import AnyOf
from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.playbook.language.conditions import All, Any, Compares, Not, Test
from dealwright.terms import Chain, Chains

_YES, _NO = frozenset({True}), frozenset({False})
_EITHER = _YES | _NO


def who_must(rule: ApprovalRule, values: Mapping[str, object]) -> Chains:
    """The chains that must say yes to terms of these values, each once; everybody where nobody can tell."""
    if rule.of is not None:
        chain = _by_levels(rule, values[next(iter(rule.deciding))])
        return (chain,) if chain else ()
    told = {path.text: values[name] for name, path in rule.deciding.items()}
    asked: list[Chain] = []
    for one in rule.rules:
        chain = _seats(one.by)
        if (one.if_ is None or True in _may_be(one.if_, told, one.currency)) and chain not in asked:
            asked.append(chain)
    return tuple(one for one in asked if not any(_says(other, one) for other in asked if other != one))


def _by_levels(rule: ApprovalRule, value: object) -> Chain:
    everybody = max((_seats(level.by) for level in rule.levels), key=len)
    if isinstance(value, Money):
        if rule.currency is not None and value.currency != rule.currency:
            return everybody
        value = value.amount
    if not isinstance(value, Decimal | float | int):
        return everybody
    bounded = [level for level in rule.levels if level.up_to is not None and value <= Decimal(str(level.up_to))]
    return _seats((bounded or rule.levels[-1:])[0].by)


def _seats(by: tuple[str | AnyOf, ...]) -> Chain:
    return tuple(one.any_of if isinstance(one, AnyOf) else (one,) for one in by)


def _says(longer: Chain, shorter: Chain) -> bool:
    """Whether every seat of one chain stands in another one, in its order."""
    left = list(shorter)
    for seat in longer:
        if left and set(seat) <= set(left[0]):
            left.pop(0)
    return not left


def _may_be(test: Test, told: Mapping[str, object], currency: str | None) -> frozenset[bool]:
    """Whether a case may be so, may not be so, or either, where a value is not known."""
    match test:
        case Not(part):
            return frozenset(not one for one in _may_be(part, told, currency))
        case All(parts) | Any(parts):
            each = [_may_be(part, told, currency) for part in parts]
            one_is_enough = isinstance(test, Any)
            some = frozenset({one_is_enough}) if any(one_is_enough in one for one in each) else frozenset[bool]()
            rest = all((not one_is_enough) in one for one in each)
            return some | frozenset({not one_is_enough}) if rest else some
        case Compares(path, how, limit):
            value = told[path.text]
            if isinstance(value, Money):
                value = value.amount if value.currency == currency else None
            if not isinstance(value, Decimal | float | int) or not isinstance(limit, Decimal):
                return _EITHER
            number = Decimal(str(value))
            holds = {"gt": number > limit, "gte": number >= limit, "lt": number < limit, "lte": number <= limit}
            return _YES if holds[how] else _NO
    raise AssertionError(f"random lives have no rule of this kind: {test}")
