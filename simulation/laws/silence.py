"""Law 5: skipped is not done, and nothing is closed for silence that was never broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from dealwright import entries as e
from dealwright.playbook.language.steps.email import EmailStep
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_ANSWERS = frozenset({
    "meeting_booked", "demo_booked", "meeting_held", "discovery_held", "demo_held", "conversation_recorded",
})  # fmt: skip


class SilenceWasBroken(Check):
    """No play ends a deal as unresponsive of which no message left and no task was done, or that somebody answered."""

    listens_to = (
        "effect_started", "effect_settled", "task_opened", "task_closed", "step_done", "deal_closed", "fact_taken",
    )  # fmt: skip

    def __init__(self) -> None:
        self._answered: dict[str, datetime] = {}
        self._run_of: dict[str, str | None] = {}
        self._reached: Counter[str] = Counter()
        self._closing: str | None = None
        self._ended: str | None = None

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.EffectStarted(does="send_email" | "send_sms"):
                self._run_of[entry.effect] = entry.run
            case e.TaskOpened():
                self._run_of[entry.task] = entry.run
            case e.EffectSettled(status="done", does="send_email" | "send_sms"):
                self._reach(entry.effect)
            case e.TaskClosed(how="done"):
                self._reach(entry.task)
            case e.FactTaken():
                self._hear(entry)
            case e.StepDone():
                self._closing = entry.run
            case e.DealClosed(outcome="unresponsive"):
                self._ended = self._closing or ""
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        by_hand = any(item.kind == "command" and item.name == "close" for item in made.batch)
        if self._ended is not None and not by_hand and not self._reached[self._ended]:
            yield f"{self._ended} closed the deal as unresponsive, and reached out to nobody"
        run = replay.memory.started.get(self._ended or "")
        if run is not None and not by_hand and any(at > run.trigger_at for at in self._answered.values()):
            yield f"{self._ended} closed the deal as unresponsive, and somebody has answered: {self._answered}"
        self._ended = self._closing = None

    def _hear(self, entry: e.FactTaken) -> None:
        if entry.retracts is not None:
            self._answered.pop(entry.retracts, None)
        if entry.no_news is None and _is_answer(entry):
            self._answered[entry.fact] = max(entry.happened_at, self._answered.get(entry.fact, entry.happened_at))

    def _reach(self, what: str) -> None:
        if (run := self._run_of.get(what)) is not None:
            self._reached[run] += 1


def _is_answer(entry: e.FactTaken) -> bool:
    """Whether somebody on the buying side has shown up by it; a machine has not, and no attempt of ours counts."""
    if entry.fact == "reply_received":
        return entry.variant != "out_of_office" and entry.contact is not None
    if entry.fact == "call_logged":
        return entry.variant == "connected" or (entry.by_the_buyer and entry.contact is not None)
    return entry.fact in _ANSWERS and (entry.fact != "conversation_recorded" or bool(entry.concerns))


class NobodyToWriteToIsTold(Check):
    """A message that is skipped since no contact has an address puts the deal on somebody's list."""

    listens_to = ("step_skipped", "attention_settled", "effect_settled")

    def __init__(self) -> None:
        self._skipped: list[str] = []
        self._settled = False

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.AttentionSettled):
            self._settled |= entry.point == "no-address"
        elif isinstance(entry, e.StepSkipped):
            started = replay.memory.started.get(entry.run)
            play = replay.playbook.play(started.play) if started else None
            step = play.actions[entry.index] if play and entry.index < len(play.actions) else None
            nobody = not any(one.email for one in replay.memory.deal.contacts or ())
            if isinstance(step, EmailStep) and nobody and "no contact" in entry.why:
                self._skipped.append(entry.label)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if self._skipped and not self._settled and not replay.state.attention:
            yield f"{self._skipped} skipped for want of an address, and nobody is told"
        self._skipped, self._settled = [], False
