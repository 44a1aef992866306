"""Who pays: the deal's account, and where invoices go."""

from __future__ import annotations

from dealwright.contacts import in_roles
from dealwright.rules.billing.signed_terms import NotBillable
from dealwright.state import DealState
from dealwright.subscription import BillingPlan, Payer

PAYS = ("billing", "accounts_payable", "finance")
"""The roles of contacts who pay invoices, where the playbook names none."""


def payer_of(state: DealState, plan: BillingPlan) -> Payer:
    """The customer, by the account: all deals of an account have the same one.

    Raises:
        NotBillable: the deal has no account, or nobody whom invoices can go to.
    """
    account = state.deal.account if state.deal is not None else None
    if account is None:
        raise NotBillable("the deal has no account: nobody can be billed")
    email = _invoices_to(state, plan)
    key = (account.domain or account.id).strip().lower()
    return Payer(key=key, name=account.name or account.domain or account.id, email=email, country=account.country)


def _invoices_to(state: DealState, plan: BillingPlan) -> str:
    roles = (plan.bill_to,) if plan.bill_to else PAYS
    everybody = () if plan.bill_to else in_roles(state)
    for contact in (*in_roles(state, roles), *everybody):
        if contact.email:
            return contact.email
    who = f"no contact with the role {plan.bill_to}" if plan.bill_to else "no contact"
    raise NotBillable(f"{who} has an address that invoices could go to")
