"""The deal of a test as it is opened: what the test says of it, and a contact where it names none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from dealwright.playbook.language.model import Playbook
from simulation.playbook_tests.language import Beginning
from simulation.playbook_tests.points import Clock, Json, Point

USUAL_BEGINNING = Point("2026-03-02", date(2026, 3, 2))
"""When deals of tests are opened that do not say it: on a Monday morning."""
DEAL = "test"
_IDS_TRIED = 10_000
_CONTACT: dict[str, Json] = {"id": "ana", "name": "Ana", "email": "ana@buyer.example"}


def opens_at(given: Beginning, clock: Clock) -> datetime:
    """When the deal is opened."""
    return clock.moment(given.at or USUAL_BEGINNING, datetime(2026, 3, 2, tzinfo=UTC))


def as_opened(given: Beginning, playbook: Playbook, at: datetime) -> dict[str, Json]:
    """The deal as it is opened, with its id. Without contacts it has one: Ana, at the playbook's place."""
    said = Clock(playbook.calendar).payload(given.deal, at)
    return {
        "id": deal_id(given.arms, playbook) or DEAL,
        "contacts": [_CONTACT],
        **(said if isinstance(said, dict) else {}),
    }


def deal_id(arms: Mapping[str, str], playbook: Playbook) -> str | None:
    """An id by which a deal is in these arms, as far as the playbook has the experiments; None where there is none."""
    wanted = [(name, playbook.experiments[name], arm) for name, arm in arms.items() if name in playbook.experiments]
    ids = (f"{DEAL}-{number}" if number else DEAL for number in range(_IDS_TRIED))
    return next((one for one in ids if all(each.arm_of(name, one) == arm for name, each, arm in wanted)), None)
