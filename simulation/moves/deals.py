"""Deals as they are opened: sources, people in many places, amounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from dealwright.deal import Account, Contact, Deal, Money, Person
from dealwright.validation.opening import admit

PLACES = (
    ("Europe/Berlin", "DE"), ("Europe/Berlin", "DE-BE"), ("Europe/London", "GB-LND"), ("America/New_York", "US"),
    ("America/Los_Angeles", "US-CA"), ("America/Sao_Paulo", "BR"), ("Asia/Kolkata", "IN"), ("Asia/Tokyo", "JP"),
    ("Pacific/Auckland", "NZ"), ("Australia/Lord_Howe", "AU"), ("Africa/Cairo", "EG"), ("UTC", None), (None, "DE"),
    (None, None), ("Asia/Pyongyang", "KP"), ("Europe/Vienna", "AT-XX"),
)  # fmt: skip
"""Time zones and countries; of one country nobody has written down the holidays, and one has no such part."""
SOURCES = ("inbound", "outbound", "outbound", "referral", "partner", "expansion", "trade-fair", None)
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def opening_time(random: Random) -> datetime:
    """Any minute of two years, nights and holidays included."""
    return _FIRST_DAY + timedelta(minutes=random.randrange(2 * 365 * 24 * 60), seconds=random.choice((0, 0, 17)))


def any_deal(random: Random, deal_id: str, roles: tuple[str, ...], *, reached: bool = True) -> Deal:
    """A deal that is let in; nobody in it can be written to if nobody is to be reached."""
    contacts = tuple(any_contact(random, f"c{number}") for number in range(random.choice((0, 1, 1, 1, 1, 2, 3))))
    contacts = contacts if reached else tuple(one.model_copy(update={"email": None}) for one in contacts)
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
    timezone, country = random.choice(PLACES)
    own, shared = f"{contact_id}@buyer.example", random.choice(("team@buyer.example", "Team@Buyer.example"))
    abroad = random.choice(("@bücher.example", "@BÜCHER.example", "@xn--bcher-kva.example"))
    return Contact(
        id=contact_id, name=f"Contact {contact_id}", timezone=timezone, country=country,
        email=random.choices((own, own.title(), f"{contact_id}{abroad}", shared, None), (65, 10, 10, 10, 5))[0],
        role=random.choice((None, "assistant", "champion")),
    )  # fmt: skip


def any_person(random: Random, role: str) -> Person:
    """Somebody on the selling side, anywhere."""
    timezone, country = random.choice(PLACES)
    email = random.choice((f"{role}@seller.example", None))
    return Person(name=f"{random.choice(('The', 'Another'))} {role}", email=email, timezone=timezone, country=country)


def any_money(random: Random) -> Money:
    """An amount in one of three currencies."""
    amount = Decimal(random.randrange(100, 50_000_000)) / 100
    return Money(amount=amount, currency=random.choice(("EUR", "USD", "JPY")))
