"""Deals of a small playbook that are told something, and what a law finds in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from dealwright.decision import Received
from dealwright.effects import Effect, Outcome
from dealwright.playbook.language.model import Playbook
from dealwright.validation.opening import admit
from simulation.choices import as_planned
from simulation.playbook_library import PlaybookLibrary
from simulation.replay import Check, Replay
from simulation.simulated_deal import SimulatedDeal
from tests.dealwright.story import ANA, MONDAY, moment

Told: TypeAlias = tuple[str, Mapping[str, object]]


class _AsPlanned:
    def outcome(self, effect: Effect, now: datetime) -> tuple[timedelta, Outcome]:  # noqa: ARG002 - the same at any time
        return timedelta(minutes=3), as_planned(effect)

    def can_be_withdrawn(self, effect: Effect) -> bool:  # noqa: ARG002 - the same for all
        return True


def found_in(rules: Playbook, check: type[Check], *moments: Sequence[Told]) -> list[str]:
    """What a law finds in a deal that is told the facts of each moment at once, the moments an hour apart."""
    contact = {**ANA, "phone": "+49 170 1234567"}
    library = PlaybookLibrary({"tiny": ("t" * 64, rules)})
    deal = SimulatedDeal(admit({"id": "tiny", "contacts": [contact]}), "tiny", library, moment(MONDAY), _AsPlanned())
    for number, facts in enumerate(moments):
        deal.receive(
            [
                Received(kind="fact", name=name, id=f"f{number}.{place}", at=deal.now, payload=json.dumps(payload))
                for place, (name, payload) in enumerate(facts)
            ]
        )
        deal.decide_if_due()
        deal.advance(deal.now + timedelta(hours=1))
    return [one.text for one in Replay(deal, [check()]).run()]
