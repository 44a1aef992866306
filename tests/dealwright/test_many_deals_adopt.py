"""Many deals adopt another playbook while facts pour in: what was told before is what happens, and none is stuck.

``DEALWRIGHT_ADOPTING_DEALS`` says how many; 60 by default.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from dealwright import entries as e
from dealwright.decision import Received
from dealwright.effects import SendEmail
from dealwright.impact.change import Impact
from dealwright.impact.comparing import Wanted, impact_on
from simulation.life import Interruption, live
from simulation.playbook_library import library
from simulation.simulated_deal import DecisionMade, SimulatedDeal

DEALS = int(os.environ.get("DEALWRIGHT_ADOPTING_DEALS", "60"))
OLD, NEW = "b2b-saas", "b2b-saas-next"


class MovedDeal:
    """One deal, asked to adopt the new playbook after some days of its life, and what was told of that before."""

    def __init__(self, seed: int) -> None:
        self.told: Impact | None = None
        self.made: DecisionMade | None = None
        interruption = Interruption(timedelta(days=1 + seed % 40), self._adopt, timedelta(days=60))
        self.deal = live(seed, interruption=interruption).simulation

    def _adopt(self, deal: SimulatedDeal) -> None:
        deal.decide_if_due()
        if deal.state.finished or deal.state.playbook != OLD:
            return
        wanted = Wanted(*library().offers[NEW])
        self.told = impact_on("life", deal.state, deal.playbook, wanted, deal.now, timedelta(0))
        payload = json.dumps({"by": "ana", "why": "a new version", "playbook": NEW, "bundle": wanted.bundle})
        deal.receive([Received(kind="command", name="adopt_playbook", id="move", at=deal.now, payload=payload)])
        deal.decide_if_due()
        self.made = next(made for made in deal.decisions[::-1] if "move" in made.decision.verdicts)


@cache
def moved() -> list[MovedDeal]:
    """Deals that follow the default playbook and were open when they were asked."""
    found, seed = list[MovedDeal](), 0
    while len(found) < DEALS:
        if (one := MovedDeal(seed)).made is not None:
            found.append(one)
        seed += 1
    return found


def stopped(entries: tuple[e.Entry, ...]) -> Iterator[str]:
    """The plays that adopting stopped."""
    for entry in entries:
        if isinstance(entry, e.PlaybookAdopted):
            return
        if isinstance(entry, e.PlayEnded) and entry.how == "stopped":
            yield entry.play


def test_what_was_told_of_a_deal_is_what_it_decides() -> None:
    for one in moved():
        assert one.told is not None
        assert one.made is not None
        verdict = one.made.decision.verdicts["move"]
        assert (verdict.accepted, verdict.text) == (one.told.cannot is None, one.told.verdict)
        told = [change.name for change in one.told.changes if (change.kind, change.what) == ("play", "stopped")]
        if verdict.accepted and len(one.made.batch) == 1:
            assert Counter(stopped(one.made.decision.entries)) <= Counter(told)


def test_most_deals_adopt_and_those_that_do_not_say_why() -> None:
    refused = [one.told.cannot for one in moved() if one.told is not None and one.told.cannot is not None]
    assert len(refused) <= DEALS // 10
    assert all(why.count(" ") > 3 for why in refused)


def test_no_deal_is_stuck() -> None:
    for one in moved():
        deal = one.deal
        assert deal.state.finished or deal.wake_at > deal.now or deal.state.pause is not None, deal.state.stage
        assert deal.state.finished or deal.wake_at.year < 9999 or deal.state.tasks or deal.state.pending


def test_no_message_goes_out_twice() -> None:
    for one in moved():
        started = [effect for made in one.deal.decisions for effect in made.decision.effects]
        again = {
            entry.effect for entry in one.deal.entries if isinstance(entry, e.EffectStarted) and entry.again
        }  # a block of attempts ended without handing over: the same id is started again
        ids = Counter(effect.id for effect in started if effect.id not in again)
        assert [id_ for id_, times in ids.items() if times > 1] == []
        letters = Counter(
            (effect.run, effect.template, effect.to.id)
            for effect in {effect.id: effect for effect in started if isinstance(effect, SendEmail)}.values()
            if effect.run is not None
        )
        assert [letter for letter, times in letters.items() if times > 1] == []
