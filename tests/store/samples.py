"""Deals, entries and effects that tests of the store and the activities tell about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dealwright.deal import Account, Contact, Deal, Money, Person, Proposal
from dealwright.effects import Cap, SendEmail
from dealwright.entries import DealClosed, DealOpened, Entry, FactTaken, StageEntered

NOW = datetime(2027, 5, 4, 9, 30, tzinfo=UTC)
ADA = Contact(id="ada", name="Ada Byron", email="Ada@Acme.test", timezone="Europe/Berlin")
BOB = Contact(id="bob", name="Bob Noyce", email="bob@acme.test")
JANE = Person(name="Jane Doe", email="jane@seller.test")


def deal(deal_id: str = "acme-1") -> Deal:
    return Deal(
        id=deal_id,
        title="Acme platform",
        source="outbound",
        account=Account(id="acme", name="Acme GmbH"),
        contacts=(ADA, BOB),
        owners={"sdr": JANE},
        proposal=Proposal(amount=Money(amount=Decimal(12000), currency="EUR"), link="https://p.test/1"),
    )


def opened(deal_id: str = "acme-1", number: int = 1) -> DealOpened:
    return DealOpened(at=NOW, number=number, deal=deal(deal_id), playbook="b2b-saas", bundle="0" * 64)


def entered(number: int, stage: str = "outreach", at: datetime = NOW) -> StageEntered:
    return StageEntered(
        at=at, number=number, stage=stage, visit=1, why="the deal began", owner_role="sdr", leaves_when="a reply",
        stalls_at=at + timedelta(days=21),
    )  # fmt: skip


def fact(number: int, name: str, **changes: object) -> FactTaken:
    values = {"at": NOW, "number": number, "fact": name, "happened_at": NOW}
    return FactTaken.model_validate({**values, **changes})


def closed(number: int, outcome: str = "lost") -> DealClosed:
    return DealClosed(at=NOW, number=number, outcome=outcome, reason="the buyer said no")


def story(deal_id: str = "acme-1") -> tuple[Entry, ...]:
    return opened(deal_id), entered(2), fact(3, "note_added", note="met at the fair")


def email(effect_id: str = "acme-1/cold/1/0/1", **changes: object) -> SendEmail:
    values = {
        "id": effect_id,
        "at": NOW,
        "summary": "Send cold-1",
        "template": "cold-1",
        "bundle": "0" * 64,
        "to": ADA,
        "sender": JANE,
        "deal": deal(effect_id.partition("/")[0]),
    }
    return SendEmail.model_validate({**values, **changes})


def cap(most: int = 3, per: timedelta = timedelta(days=7), scope: str = "contact", key: str = "ada@acme.test") -> Cap:
    return Cap(scope=scope, key=key, per=per, most=most)
