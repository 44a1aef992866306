"""A proposal and a contract as a deal sends them, for the tests of all tools for documents."""

from __future__ import annotations

from dealwright.deal import Account, Contact, Deal
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
        deal=Deal(id="acme-1", account=Account(id="acme", name="Acme")),
    )  # fmt: skip
    return made.model_copy(update=changes)


def a_contract(name: str, tool: str) -> SendDocument:
    """Version 1 of a contract."""
    terms = Terms(values={"starts_on": "2026-04-01", "ends_on": "2027-03-31"})
    return a_proposal(name, tool, what="contract", document="paper", terms=terms)


def taken_back(sent: SendDocument, reference: str | None = None) -> WithdrawDocument:
    """What takes it back."""
    return WithdrawDocument(
        id=sent.id.replace("/1/", "/1/", 1) + ".withdrawn", at=NOW, summary="Withdraw offer, version 1",
        document=sent.document, version=sent.version, tool=sent.tool, what=sent.what, sending=sent.id,
        reference=reference, reason="its terms are no longer the deal's",
    )  # fmt: skip
