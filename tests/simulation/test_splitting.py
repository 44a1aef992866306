"""What arrives at one moment may be decided one by one: what must differ then is no violation, and all else is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from dealwright import decide as core
from dealwright.decision import Decision, Received
from dealwright.effects import Effect, Outcome
from dealwright.playbook.language.model import Playbook
from dealwright.state import DealState
from dealwright.validation.opening import admit
from simulation.choices import as_planned
from simulation.metamorphic import MetamorphicChecks
from simulation.playbook_library import PlaybookLibrary
from simulation.simulated_deal import SimulatedDeal
from tests.dealwright.story import ANA, MONDAY, moment, playbook

REPLY = ("reply_received", '{"sentiment": "interested"}')
RENEWAL = ("contract_renewed", '{"starts_on": "2026-03-02", "ends_on": "2027-03-01"}')


class DoneSoon:
    """Effects come back as planned, a little later."""

    def outcome(self, effect: Effect, now: datetime) -> tuple[timedelta, Outcome]:  # noqa: ARG002 - the same for all
        return timedelta(minutes=3), as_planned(effect)

    def can_be_withdrawn(self, effect: Effect) -> bool:  # noqa: ARG002 - the same for all
        return True


def found_when(*told: tuple[str, str], step: str) -> list[str]:
    """What the checks find when a deal is told all that at once; its second stage begins with a play of that step."""
    rules = playbook(f"""
renews_on: contract_renewed
stages:
  - {{name: reach, owner: rep, leave_when: reply_received}}
  - {{name: offer, owner: rep, plays: [{{name: introduce, on: entered, steps: [{{{step}}}]}}]}}
""")
    checks = MetamorphicChecks(0, share=0)
    library = PlaybookLibrary({"tiny": ("t" * 64, rules)})
    deal = SimulatedDeal(admit({"id": "tiny", "contacts": [ANA]}), "tiny", library, moment(MONDAY), DoneSoon(), checks)
    deal.receive([Received(kind="fact", name=name, at=deal.now, payload=payload) for name, payload in told])
    deal.decide_if_due()
    return [violation.check for violation in checks.found]


@pytest.mark.parametrize("step", ["email: hello", "enrol: outreach/99"])
def test_what_was_sent_and_called_back_at_one_moment_may_have_left(step: str) -> None:
    assert found_when(REPLY, RENEWAL, step=step) == []


@pytest.mark.parametrize("step", ["email: hello", "enrol: outreach/99", "task: call"])
def test_what_is_done_besides_is_compared(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = core.decide

    def decide_the_first(
        state: DealState, rules: Playbook, inbox: Sequence[Received], now: datetime, **more: Any
    ) -> Decision:
        return decide(state, rules, inbox[:1], now, **more)

    monkeypatch.setattr(core, "decide", decide_the_first)

    assert set(found_when(("note_added", '{"text": "x"}'), REPLY, step=step)) == {"splitting_changes_nothing"}
