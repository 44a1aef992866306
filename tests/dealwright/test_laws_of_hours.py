"""The law of contacts' hours judges what leaves by what is known then, also of what is decided at one moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from dealwright.decision import Received
from dealwright.effects import Effect, Outcome
from dealwright.rules.decision_context import DecisionContext
from dealwright.validation.opening import admit
from simulation.choices import as_planned
from simulation.invariants.touches import TouchesKeepToTheWindow
from simulation.playbook_library import PlaybookLibrary
from simulation.replay import Replay
from simulation.simulated_deal import SimulatedDeal
from tests.dealwright.story import MONDAY, moment, of_stage
from tests.dealwright.test_planted_faults import ALWAYS_OPEN

WRITES = of_stage("""
- {name: write, on: meeting_held, steps: [{email: one}]}
- {name: enrol, on: demo_held, steps: [{enrol: outreach/99}]}
""")
WHERE_THEY_ARE_IS_NOT_KNOWN = {"id": "ana", "name": "Ana", "email": "ana@buyer.example"}
IN_AUCKLAND_IT_IS_NIGHT = {"owner": {"name": "Rae", "timezone": "Pacific/Auckland"}}
ANOTHER_OWNER = ("crm_properties_changed", IN_AUCKLAND_IT_IS_NIGHT)


class _AsPlanned:
    def outcome(self, effect: Effect, now: object) -> tuple[timedelta, Outcome]:  # noqa: ARG002 - the same at any time
        return timedelta(minutes=3), as_planned(effect)

    def can_be_withdrawn(self, effect: Effect) -> bool:  # noqa: ARG002 - the same for all
        return True


def found_when(*told: tuple[str, Mapping[str, object]]) -> list[str]:
    """What the law finds in a deal that is told all this at one moment of a Monday morning."""
    library, deal = PlaybookLibrary({"tiny": ("t" * 64, WRITES)}), {"id": "tiny"}
    opened = admit({**deal, "contacts": [WHERE_THEY_ARE_IS_NOT_KNOWN]})
    life = SimulatedDeal(opened, "tiny", library, moment(MONDAY), _AsPlanned())
    life.receive([Received(kind="fact", name=name, at=life.now, payload=json.dumps(more)) for name, more in told])
    life.decide_if_due()
    return [one.text for one in Replay(life, [TouchesKeepToTheWindow()]).run()]


@pytest.mark.parametrize("asks", ["meeting_held", "demo_held"])
def test_what_left_before_another_owner_came_kept_to_the_hours_of_the_one_who_was(asks: str) -> None:
    assert found_when((asks, {}), ANOTHER_OWNER) == []


@pytest.mark.parametrize("asks", ["meeting_held", "demo_held"])
def test_what_leaves_after_another_owner_came_keeps_to_theirs(asks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found_when(ANOTHER_OWNER, (asks, {})) == []

    monkeypatch.setattr(DecisionContext, "calendar_for", lambda *_: ALWAYS_OPEN)
    assert [text.partition(" at ")[2] for text in found_when(ANOTHER_OWNER, (asks, {}))] == [
        "Mon 23:00 of Pacific/Auckland"
    ]
