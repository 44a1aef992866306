"""Who is in the second deal: nobody of its buyers is known to any tool before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dealwright.deal import Account, Contact, Deal, Money
from demo.director import deal_of

ADA, CAM, UMA = "ada@moss.example", "cam@moss.example", "uma@moss.example"
PLAYBOOK = "other-tools"


def second_deal(deal_id: str) -> Deal:
    """The deal as it is opened, with all that its contract will say."""
    starts_on = datetime.now(UTC).date() + timedelta(days=20)
    days = {"starts_on": starts_on, "ends_on": starts_on.replace(year=starts_on.year + 1) - timedelta(days=1)}
    contacts = (
        Contact(id="ada", name="Ada Holm", email=ADA),
        Contact(id="cam", name="Cam Lund", email=CAM, role="champion"),
        Contact(id="uma", name="Uma Reed", email=UMA, role="user"),
    )
    return deal_of(
        deal_id, title="Moss: team plan", source="outbound", contacts=contacts, owners={}, fields=days,
        account=Account(id="moss", name="Moss", domain="moss.example"),
        amount=Money(amount=Decimal(4800), currency="EUR"),
    )  # fmt: skip
