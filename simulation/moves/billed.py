"""What contracts say that are billed, and what the billing tool tells."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from simulation.moves.situation import Payload, Situation

_MONTHS = 12


def term(situation: Situation, begins: date) -> Payload:
    """A term of whole months more often than not, with what comes each year, and mostly what it makes in all."""
    random = situation.random
    months, yearly = random.choice((1, 12, 12, 12, 24)), Decimal(random.randint(1, 90) * 1200)
    ends = _ends(begins, months) if random.random() < 0.85 else begins + timedelta(days=random.choice((20, 200)))
    once = random.choice((None, None, Decimal(500)))
    says: Payload = {"starts_on": begins, "ends_on": ends, "recurring": _euros(yearly)}
    if once is not None:
        says["one_off"] = _euros(once)
    if random.random() < 0.6:
        says["value"] = _euros(yearly * months / _MONTHS + (once or 0))
    return says


def amended(situation: Situation, begins: date) -> Payload:
    """A term that ends on another day, mostly one that makes whole months; now and then worth something else.

    What the billing tool refused is mostly made the usual year again.
    """
    random = situation.random
    if is_refused(situation) and random.random() < 0.7:
        return {"ends_on": _ends(begins, _MONTHS)}
    months = random.choice((1, 6, 12, 12, 24))
    says: Payload = {"ends_on": _ends(begins, months) if random.random() < 0.8 else situation.day(-5, 100)}
    return says | ({"value": _euros(Decimal(random.randint(1, 90) * 1200))} if random.random() < 0.2 else {})


def is_refused(situation: Situation) -> bool:
    """Whether the billing tool refused what was last to be done about a term."""
    billing = situation.state.billing
    return billing is not None and any(one.status == "refused" for one in billing.terms.values())


def told(situation: Situation) -> Payload:
    """What the billing tool tells of a subscription, ours or not."""
    random = situation.random
    says: Payload = {"change": random.choice(("started", "upgraded", "paused", "ended", "other"))}
    if random.random() < 0.8:
        says["subscription"] = random.choice(("sub-1", "sub-2", "sub-9"))
    if random.random() < 0.3:
        says["ends_on"] = situation.day(-20, 300)
    return says


def _ends(begins: date, months: int) -> date:
    """The last day of a term of so many months."""
    year, month = divmod(begins.year * _MONTHS + begins.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(begins.day, 28)) - timedelta(days=1)


def _euros(amount: Decimal) -> Payload:
    return {"amount": str(amount), "currency": "EUR"}
