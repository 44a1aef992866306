"""Deals as they are opened: sources, people in many places, amounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from deals.admission import admit
from deals.deal import Account, Contact, Deal, Money, Person

ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata",
    "Asia/Tokyo", "Pacific/Auckland", "Australia/Lord_Howe", "Africa/Cairo", "UTC", None,
)  # fmt: skip
COUNTRIES = (
    "DE",
    "DE-BE",
    "GB",
    "GB-LND",
    "US",
    "US-CA",
    "BR",
    "IN",
    "JP",
    "NZ",
    "AU",
    "EG",
    "KP",
    "DE-XX",
    None,
    None,
)
SOURCES = ("inbound", "outbound", "outbound", "referral", "partner", "expansion", "trade-fair", None)
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def opening_time(random: Random) -> datetime:
    """Any minute of two years, nights and holidays included."""
    return _FIRST_DAY + timedelta(minutes=random.randrange(2 * 365 * 24 * 60), seconds=random.choice((0, 0, 17)))


def any_deal(random: Random, deal_id: str, roles: tuple[str, ...]) -> Deal:
    """A deal that is let in."""
    contacts = tuple(any_contact(random, f"c{number}") for number in range(random.choice((0, 1, 1, 1, 1, 2, 3))))
    owners = {role: any_person(random, role) for role in roles if random.random() < 0.6}
    return admit(
        Deal(
            id=deal_id, title=f"Deal {deal_id}", source=random.choice(SOURCES), contacts=contacts or None,
            owners=owners or None, amount=any_money(random) if random.random() < 0.7 else None,
            account=Account(id="acme", name="Acme") if random.random() < 0.5 else None,
            score=random.choice((None, 12.5, 80)),
        )
    )  # fmt: skip


def any_contact(random: Random, contact_id: str) -> Contact:
    """Somebody on the buying side, anywhere."""
    return Contact(
        id=contact_id, name=f"Contact {contact_id}", timezone=random.choice(ZONES), country=random.choice(COUNTRIES),
        email=f"{contact_id}@buyer.example" if random.random() < 0.95 else None,
        role=random.choice((None, "assistant", "champion")),
    )  # fmt: skip


def any_person(random: Random, role: str) -> Person:
    """Somebody on the selling side, anywhere."""
    return Person(
        name=f"The {role}", email=random.choice((f"{role}@seller.example", None)), timezone=random.choice(ZONES),
        country=random.choice(COUNTRIES),
    )  # fmt: skip


def any_money(random: Random) -> Money:
    """An amount in one of three currencies."""
    amount = Decimal(random.randrange(100, 50_000_000)) / 100
    return Money(amount=amount, currency=random.choice(("EUR", "USD", "JPY")))
