"""The deal of a test as it is opened: what the test says of it, and a contact where it names none."""

from __future__ import annotations

from datetime import UTC, date, datetime

from simulation.playbook_tests.language import Beginning
from simulation.playbook_tests.points import Clock, Json, Point

USUAL_BEGINNING = Point("2026-03-02", date(2026, 3, 2))
"""When deals of tests are opened that do not say it: on a Monday morning."""
DEAL = "test"
_CONTACT: dict[str, Json] = {"id": "ana", "name": "Ana", "email": "ana@buyer.example"}


def opens_at(given: Beginning, clock: Clock) -> datetime:
    """When the deal is opened."""
    return clock.moment(given.at or USUAL_BEGINNING, datetime(2026, 3, 2, tzinfo=UTC))


def as_opened(given: Beginning, clock: Clock, at: datetime) -> dict[str, Json]:
    """The deal as it is opened, with its id. Without contacts it has one: Ana, at the playbook's place."""
    said = clock.payload(given.deal, at)
    return {"id": DEAL, "contacts": [_CONTACT], **(said if isinstance(said, dict) else {})}
