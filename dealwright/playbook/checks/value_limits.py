"""Which values a path may have, whatever the deal: numbers between two limits, codes that there are."""

from __future__ import annotations

from decimal import Decimal

from dealwright.playbook.language.conditions import Scalar
from dealwright.values.iso_codes import wrong_country, wrong_currency

LIMITS: dict[str, tuple[int, int | None]] = {
    "deal.health": (0, 100),
    "deal.term": (1, None),
    "deal.touches_sent": (0, None),
    "deal.amount": (0, None),
    "account.employees": (0, None),
    "qualification.bant": (0, 4),
    "qualification.meddic": (0, 6),
    "qualification.meddpicc": (0, 8),
    "proposal.amount": (0, None),
    "proposal.discount": (0, 100),
    "contract.value": (0, None),
    "committee.missing": (0, None),
}
"""The lowest and the highest value that a path may have."""
_CODES = {
    "deal.currency": wrong_currency,
    "account.country": wrong_country,
    "contact.country": wrong_country,
}


def beyond(path: str, how: str, value: Scalar) -> str | None:
    """Why a path never stands in this order to a value (``is``: never is that value)."""
    low, high = LIMITS.get(path, (None, None))
    if low is None or not isinstance(value, Decimal):
        return None
    if high is not None and ((value > high and how in {"gte", "is"}) or (value >= high and how == "gt")):
        return f"{path!r} is never above {high}"
    if (value < low and how in {"lte", "is"}) or (value <= low and how == "lt"):
        return f"{path!r} is never below {low}"
    return None


def always_within(path: str, how: str, value: object) -> str | None:
    """Why a path that is known always stands in this order to a value."""
    low, high = LIMITS.get(path, (None, None))
    if low is None or not isinstance(value, Decimal):
        return None
    if (value <= low and how == "gte") or (value < low and how == "gt"):
        return f"{path!r} is never below {low}"
    if high is not None and ((value >= high and how == "lte") or (value > high and how == "lt")):
        return f"{path!r} is never above {high}"
    return None


def no_code(path: str, value: Scalar) -> str | None:
    """Why a value is no code that such a path has."""
    check = _CODES.get(path)
    wrong = check(value) if check and isinstance(value, str) else None
    return f"{wrong.problem}: {wrong.remedy}" if wrong else None
