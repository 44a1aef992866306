"""What a signed contract term says of billing; where it says it in two ways, or not at all, nothing is billed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from dealwright.deal import Contract, Money
from dealwright.subscription import BillingPlan, TermBilled, is_whole, shown

_MONTHS = 12


class NotBillable(Exception):
    """What is signed does not say what is to be billed; ``text`` says what somebody has to settle."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def as_signed(contract: Contract, plan: BillingPlan) -> TermBilled:
    """A contract term as it is billed: exactly what was signed, and nothing worked out that could be read otherwise.

    Raises:
        NotBillable: the contract does not say what is to be billed.
    """
    if contract.starts_on is None or contract.ends_on is None:
        raise NotBillable("the contract has no first or no last day")
    months = _months(contract.starts_on, contract.ends_on)
    recurring = contract.recurring or _from_value(contract, months)
    _check_money(contract, recurring, months)
    _check_invoices(plan, recurring, months, f"{contract.starts_on} to {contract.ends_on}")
    one_off = contract.one_off if contract.one_off is not None and contract.one_off.amount else None
    return TermBilled(
        plan=plan.plan, every=plan.every, recurring=recurring, one_off=one_off, starts_on=contract.starts_on,
        ends_on=contract.ends_on, payment_days=plan.payment_days,
    )  # fmt: skip


def _months(starts_on: date, ends_on: date) -> int | None:
    """How many whole months a term has; None where it ends within one."""
    after = ends_on + timedelta(days=1)
    months = (after.year - starts_on.year) * _MONTHS + after.month - starts_on.month
    return months if months > 0 and after.day == starts_on.day else None


def _from_value(contract: Contract, months: int | None) -> Money:
    """What comes each year, where only the whole value is signed: of one year that is the rest of it."""
    value, one_off = contract.value, contract.one_off
    if value is None:
        raise NotBillable("the contract names no amount")
    if months != _MONTHS:
        raise NotBillable(f"of {shown(value)}, the contract does not say what comes each year (recurring)")
    if one_off is not None and one_off.currency != value.currency:
        raise NotBillable(f"{shown(value)} and {shown(one_off)} are in two currencies")
    return Money(amount=value.amount - (one_off.amount if one_off else 0), currency=value.currency)


def _check_money(contract: Contract, recurring: Money, months: int | None) -> None:
    value, one_off = contract.value, contract.one_off
    if {one.currency for one in (value, one_off) if one is not None} - {recurring.currency}:
        raise NotBillable("the contract's amounts are in two currencies")
    if recurring.amount <= 0 or (one_off is not None and one_off.amount < 0):
        raise NotBillable(f"{shown(recurring)} a year is nothing that can be billed")
    once = one_off.amount if one_off is not None else Decimal(0)
    if value is None or months is None:
        return
    each_year, in_all = recurring.amount + once, recurring.amount * months / _MONTHS + once
    if value.amount not in {each_year, in_all}:
        said = f"{shown(recurring)} a year and {shown(one_off) if one_off else 'nothing'} once"
        raise NotBillable(f"the contract's value of {shown(value)} is not what its parts make: {said}")


def _check_invoices(plan: BillingPlan, recurring: Money, months: int | None, days: str) -> None:
    """Every invoice is of one amount, and none bills days after the term."""
    if months is None or (plan.every == "year" and months % _MONTHS):
        raise NotBillable(f"{days} is no whole number of {plan.every}s: an invoice would bill days that nobody signed")
    part = recurring.amount / _MONTHS if plan.every == "month" else recurring.amount
    if not is_whole(part, recurring.currency):
        raise NotBillable(f"{shown(recurring)} a year cannot be billed in equal parts every {plan.every}")
