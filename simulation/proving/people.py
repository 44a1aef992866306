"""Whom the deals of a life know on the buying side: people in the roles that the playbook speaks of."""

from __future__ import annotations

from random import Random

from dealwright.deal import Contact
from dealwright.playbook.checks.traversal import conditions_in, plays_in
from dealwright.playbook.language.conditions import leaves
from dealwright.playbook.language.contact_conditions import SomeContacts
from dealwright.playbook.language.model import Playbook
from simulation.moves.deals import PLACES

_MOST = 4
"""Contacts of a deal in whose playbook roles matter."""


def contact_roles_in(playbook: Playbook) -> tuple[str, ...]:
    """The roles of contacts that a playbook speaks of."""
    runs = [at.play.for_each.contact.role for at in plays_in(playbook) if at.play.for_each]
    asked = [
        leaf.roles for _, test in conditions_in(playbook) for leaf in leaves(test) if isinstance(leaf, SomeContacts)
    ]
    return tuple(dict.fromkeys([*playbook.committee, *(role for roles in (*runs, *asked) for role in roles)]))


def any_contacts(random: Random, roles: tuple[str, ...]) -> tuple[Contact, ...]:
    """Mostly one person; where roles matter, mostly several, each in one of them."""
    if roles and random.random() < 0.8:
        count = random.randint(1, _MOST)
    else:
        (count,) = random.choices((1, 2, 0), (75, 20, 5))
    return tuple(_contact(random, number, random.choice(roles) if roles else None) for number in range(count))


def _contact(random: Random, number: int, role: str | None) -> Contact:
    timezone, country = random.choice(PLACES) if random.random() < 0.5 else ("UTC", None)
    email = None if random.random() < 0.03 else f"c{number}@buyer.example"
    return Contact(
        id=f"c{number}", name=f"Contact {number}", email=email, role=role, timezone=timezone, country=country
    )
