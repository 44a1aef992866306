"""Law 5: skipped is not done, and nothing is closed for silence that was never broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dealwright import entries as e
from dealwright.playbook.language.steps.email import EmailStep
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade


class SilenceWasBroken(Check):
    """No play ends a deal as unresponsive of which no message left and no task was done."""

    listens_to = ("effect_started", "effect_settled", "task_opened", "task_closed", "step_done", "deal_closed")

    def __init__(self) -> None:
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
            case e.StepDone():
                self._closing = entry.run
            case e.DealClosed(outcome="unresponsive"):
                self._ended = self._closing or ""
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        by_hand = any(item.kind == "command" and item.name == "close" for item in made.batch)
        if self._ended is not None and not by_hand and not self._reached[self._ended]:
            yield f"{self._ended} closed the deal as unresponsive, and reached out to nobody"
        self._ended = self._closing = None

    def _reach(self, what: str) -> None:
        if (run := self._run_of.get(what)) is not None:
            self._reached[run] += 1


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
