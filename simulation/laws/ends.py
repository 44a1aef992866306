"""Law 2, of ends: a deal is not given up by what happened before the buyer agreed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dealwright import entries as e
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_AGREES = frozenset({"contract_signed", "contract_renewed", "proposal_accepted"})
_GIVEN_UP = frozenset({"lost", "unresponsive", "disqualified", "churned"})
_NO_EDIT = ("older", "the playbook has no such stage", "it was put back often enough")


class WhoAgreedSinceIsNotGivenUp(Check):
    """No fact, nor the end of the time for which a deal is held, gives up a deal to which the buyer agreed since.

    Nor one that is held and that somebody sets to an open stage in the CRM meanwhile.
    """

    listens_to = ("fact_taken", "end_held", "resumed", "step_done", "deal_closed")

    def __init__(self) -> None:
        self._agreed: dict[tuple[str, str | None], datetime] = {}
        self._agreed_by_then: dict[tuple[str, str | None], datetime] = {}
        """What was told before the deal was closed: what comes after it, in the same decision too, reaches a person."""
        self._given_up: dict[str, datetime] = {}
        self._held = False
        self._set_open_at: datetime | None = None
        self._by_step = False
        self._ended: str | None = None

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.FactTaken():
                self._by_step = False
                self._take(replay, entry)
            case e.EndHeld():
                self._held = True
            case e.Resumed():
                self._held, self._set_open_at = False, None
            case e.StepDone():
                self._by_step = True
            case e.DealClosed() if entry.outcome in _GIVEN_UP and not self._by_step:
                self._ended, self._agreed_by_then = entry.outcome, dict(self._agreed)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if self._ended is not None and not any(item.kind == "command" for item in made.batch):
            given_up = self._given_up.get(self._ended)
            since = [name for (name, _), at in self._agreed_by_then.items() if given_up is not None and at > given_up]
            if self._held and given_up and self._set_open_at and self._set_open_at > given_up:
                since.append("crm_stage_moved")
            if since:
                yield f"the deal is {self._ended} by what happened at {given_up}, and since then: {', '.join(since)}"
        if self._ended is not None:
            self._held, self._set_open_at = False, None
        self._by_step, self._ended = False, None

    def _take(self, replay: Replay, entry: e.FactTaken) -> None:
        if entry.retracts is not None or entry.takes_back_older is not None:
            self._take_back(entry, entry.retracts or entry.takes_back_older or "")
        if entry.fact == "crm_stage_moved" and replay.playbook.crm is not None:
            stage = replay.playbook.stage(str(replay.payload.get("stage")))
            if self._held and stage is not None and not (entry.no_news or "").startswith(_NO_EDIT):
                self._set_open_at = entry.happened_at
        if entry.no_news is not None:
            return
        if entry.fact in _AGREES:
            key = (entry.fact, entry.about)
            self._agreed[key] = max(entry.happened_at, self._agreed.get(key, entry.happened_at))
        for key_ in (entry.fact, f"{entry.fact}:{entry.variant}"):
            if (outcome := replay.playbook.ended_by(key_)) is not None:
                self._given_up[outcome] = max(entry.happened_at, self._given_up.get(outcome, entry.happened_at))

    def _take_back(self, entry: e.FactTaken, fact: str) -> None:
        for key in [key for key in self._agreed if key[0] == fact and entry.about in {None, key[1]}]:
            if self._agreed[key] <= entry.happened_at:
                del self._agreed[key]
