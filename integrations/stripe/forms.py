"""What is written into Stripe to bill a contract term, as its API takes it.

https://docs.stripe.com/api/subscriptions/create. Days begin at midnight in UTC. Invoices are sent, and not charged to a
card. A term that has begun is billed from its first day (``backdate_start_date``), with the same days as all its other
invoices (``billing_cycle_anchor``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from dealwright.deal import Money
from dealwright.effects import CancelSubscription, StartSubscription
from dealwright.subscription import TermBilled
from integrations.kit.errors import Refused
from integrations.stripe.objects import minor_units
from integrations.stripe.settings import StripePlan

_MONTHS = {"month": 1, "year": 12}


def start_form(deal_id: str, effect: StartSubscription, plan: StripePlan) -> dict[str, str]:
    """A new subscription, but for its customer. It is the same however often the effect is tried.

    Raises:
        Refused: the amount cannot be said in Stripe's units.
    """
    terms = effect.terms
    form = {
        "collection_method": "send_invoice",
        "days_until_due": str(terms.payment_days),
        "cancel_at": _seconds(terms.ends_on + timedelta(days=1)),
        **_item(terms, plan.product),
        **_anchor(terms, effect.at),
        "metadata[dealwright_deal]": deal_id,
        "metadata[dealwright_term]": effect.contract or "1",
        "metadata[dealwright_effect]": effect.id,
    }
    if effect.title is not None:
        form["description"] = effect.title[:500]
    if terms.one_off is not None:
        about = "add_invoice_items[0][price_data]"
        form |= {
            f"{about}[currency]": terms.one_off.currency.lower(),
            f"{about}[product]": plan.one_off or plan.product,
            f"{about}[unit_amount]": _units(terms.one_off),
        }
    return form


def change_form(terms: TermBilled, plan: StripePlan, item: str) -> dict[str, str]:
    """What a subscription is to be from the next invoice on; nothing is charged or given back for days gone by.

    Raises:
        Refused: the amount cannot be said in Stripe's units.
    """
    return {
        "items[0][id]": item,
        **_item(terms, plan.product),
        "days_until_due": str(terms.payment_days),
        "cancel_at": _seconds(terms.ends_on + timedelta(days=1)),
        "proration_behavior": "none",
    }


def cancel_form(ends_on: date, effect: CancelSubscription) -> dict[str, str]:
    """The end of a subscription, with its term."""
    return {
        "cancel_at": _seconds(ends_on + timedelta(days=1)),
        "proration_behavior": "none",
        "cancellation_details[comment]": effect.reason[:500],
    }


def _item(terms: TermBilled, product: str) -> dict[str, str]:
    about = "items[0][price_data]"
    return {
        f"{about}[currency]": terms.amount.currency.lower(),
        f"{about}[product]": product,
        f"{about}[unit_amount]": _units(terms.amount),
        f"{about}[recurring][interval]": str(terms.every),
        "items[0][quantity]": "1",
    }


def _anchor(terms: TermBilled, now: datetime) -> dict[str, str]:
    """When invoices are written: on the term's first day, and as many months later as they are apart."""
    first = datetime.combine(terms.starts_on, time(), UTC)
    if first > now:
        return {"billing_cycle_anchor": _seconds(terms.starts_on), "proration_behavior": "none"}
    count, step = 1, _MONTHS[str(terms.every)]
    while datetime.combine(_later(terms.starts_on, count * step), time(), UTC) <= now:
        count += 1
    anchor = min(_later(terms.starts_on, count * step), terms.ends_on + timedelta(days=1))
    return {"backdate_start_date": _seconds(terms.starts_on), "billing_cycle_anchor": _seconds(anchor)}


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of its month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)  # noqa: PLR2004 - December
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), after - timedelta(days=1))


def _units(money: Money) -> str:
    units = minor_units(money.amount, money.currency)
    if units is None:
        raise Refused(f"Stripe counts {money.currency} in larger parts than {money.amount}")
    return str(units)


def _seconds(day: date) -> str:
    return str(int(datetime.combine(day, time(), UTC).timestamp()))
