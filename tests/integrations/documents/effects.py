"""A proposal and a contract as a deal sends them, for the tests of all tools for documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dealwright.deal import Account, Contact, Contract, Deal, Money
from dealwright.effects import SendDocument, WithdrawDocument
from dealwright.terms import Terms
from tests.store.samples import NOW

ANA = Contact(id="ana", name="Ana Lopez", email="ana@buyer.example")


def a_proposal(name: str, tool: str, **changes: object) -> SendDocument:
    """Version 1 of a proposal, whose effect is called so."""
    made = SendDocument(
        id=f"acme-1/offer/1/{name}/1", at=NOW, summary="Send offer, version 1", document="offer", version=1,
        what="proposal", tool=tool, template="offer", template_version="3",
        terms=Terms(values={"amount": "9000", "discount": "5"}, currencies={"amount": "EUR"}), to=ANA,
        amount=Money(amount=Decimal(9000), currency="EUR"),
        deal=Deal(id="acme-1", account=Account(id="acme", name="Acme")),
    )  # fmt: skip
    return made.model_copy(update=changes)


def a_contract(name: str, tool: str, **changes: object) -> SendDocument:
    """Version 1 of a contract."""
    days = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}
    terms = Terms(values={"amount": "9000", **days}, currencies={"amount": "EUR"})
    return a_proposal(name, tool, **{"what": "contract", "document": "paper", "terms": terms, **changes})


def a_renewal(name: str, tool: str) -> SendDocument:
    """A contract of a deal whose term until the day before was signed."""
    before = Contract(starts_on=date(2025, 4, 1), ends_on=date(2026, 3, 31))
    return a_contract(name, tool, deal=Deal(id="acme-1", contract=before))


def taken_back(sent: SendDocument, reference: str | None = None) -> WithdrawDocument:
    """What takes it back."""
    return WithdrawDocument(
        id=sent.id.replace("/1/", "/1/", 1) + ".withdrawn", at=NOW, summary="Withdraw offer, version 1",
        document=sent.document, version=sent.version, tool=sent.tool, what=sent.what, sending=sent.id,
        reference=reference, reason="its terms are no longer the deal's",
    )  # fmt: skip
