"""Laws 1 and 6 of deals that are opened again: nothing is said twice, and nobody's reopening is undone at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dealwright import entries as e
from dealwright.effects import Message
from simulation.laws.silenced import Bounces
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade


class NothingIsSaidAgain(Check):
    """What a stage's beginning sends is not sent again to the same contact when the deal is opened again in it.

    What went to an address at which nothing arrives may go to another one of theirs.
    """

    listens_to = (
        "stage_entered", "stage_left", "deal_reopened", "play_started", "effect_started", "effect_settled",
        "fact_taken",
    )  # fmt: skip

    def __init__(self) -> None:
        self._sent: dict[tuple[str, str], str] = {}
        """Templates that went out since the stage began, at first, with whom to, and what sent them."""
        self._bounces = Bounces()
        self._started: dict[str, tuple[str, str]] = {}
        self._stage: str | None = None
        self._reopened = False
        self._by_the_stage: set[str] = set()
        """The runs that began with the stage since the deal was opened again."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self._bounces.hear(replay, entry)
        match entry:
            case e.DealReopened():
                self._reopened = True
            case e.StageLeft():
                self._begin_anew()
            case e.StageEntered(stage=stage):
                if stage != self._stage:
                    self._begin_anew()
                self._stage = stage
            case e.PlayStarted() if self._reopened and (entry.trigger or "").startswith("entered"):
                self._by_the_stage.add(entry.run)
            case e.EffectStarted(does="send_email" | "send_sms"):
                yield from self._send(replay, entry)
            case e.EffectSettled(effect=effect, status="done") if effect in self._started:
                self._sent[self._started[effect]] = effect

    def _begin_anew(self) -> None:
        self._sent, self._reopened, self._by_the_stage = {}, False, set()

    def _send(self, replay: Replay, entry: e.EffectStarted) -> Iterator[str]:
        message = replay.effects.get(entry.effect)
        if not isinstance(message, Message):
            return
        what = (message.template, message.to.id)
        before = self._sent.get(what, entry.effect)
        arrived = not self._bounces.count(replay.memory.went_to.get(before))
        if entry.run in self._by_the_stage and before != entry.effect and arrived:
            yield f"{message.summary!r} goes out again, and it did before the deal was opened again"
        self._started[entry.effect] = what


class WhoIsReopenedStaysOpen(Check):
    """A deal that somebody opened again does not end in the same decision, but by what is told or asked for there."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        reopened: datetime | None = None
        for entry in made.decision.entries:
            if isinstance(entry, e.DealReopened):
                reopened = entry.at
            by_itself = isinstance(entry, e.DealClosed) and len(made.batch) == 1
            if by_itself and reopened is not None:
                yield "it is opened again, and ends at the same moment"
