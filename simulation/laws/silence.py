"""Law 5: skipped is not done, and nothing is closed for silence that was never broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from dealwright import entries as e
from dealwright.identity import play_of
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.values.addresses import normal
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_ANSWERS = frozenset({
    "meeting_booked", "demo_booked", "meeting_held", "discovery_held", "demo_held", "conversation_recorded",
})  # fmt: skip
_AGREED = frozenset({"meeting_booked", "demo_booked"})
_TO_THE_SILENT, _SILENT_FOR = "still-silent", timedelta(hours=50)
"""The message of the odd playbook that goes out only while somebody is silent for so long."""


class SilenceWasBroken(Check):
    """No play ends a deal as unresponsive of which no message left and no task was done, or that somebody answered."""

    listens_to = (
        "effect_started", "effect_settled", "task_opened", "task_closed", "step_done", "deal_closed", "fact_taken",
        "person_recognised",
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
            case e.PersonRecognised():
                for told in entry.told:
                    self._hear(told)
            case e.StepDone():
                self._closing = entry.run
            case e.DealClosed(outcome="unresponsive"):
                self._ended = self._closing or ""
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        by_hand = any(item.kind == "command" and item.name == "close" for item in made.batch)
        if self._ended is not None and not by_hand and not self._was_reached_for(replay, self._ended):
            yield f"{self._ended} closed the deal as unresponsive, and reached out to nobody"
        run = replay.memory.started.get(self._ended or "")
        if run is not None and not by_hand and any(at > run.trigger_at for at in self._answered.values()):
            yield f"{self._ended} closed the deal as unresponsive, and somebody has answered: {self._answered}"
        self._ended = self._closing = None

    def _was_reached_for(self, replay: Replay, run: str) -> bool:
        """Whether the run reached out; for a play that cannot, whether any of the deal did."""
        play = replay.playbook.play(play_of(run))
        alone = play is None or any(step.reaches_out for step in play.actions)
        return bool(self._reached[run] if alone else self._reached.total())

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


class WhoSpokeIsNotSilent(Check):
    """A contact is silent since they wrote, were met or spoken with last, or called us, and since nothing else."""

    listens_to = ("fact_taken", "person_recognised", "effect_settled", "effect_started", "step_skipped")

    def __init__(self) -> None:
        self._heard: dict[str, datetime] = {}
        self._written: dict[str, datetime] = {}
        self._whom: dict[str, str] = {}
        self._unsure = False
        """Something of this was taken back, or somebody gave their place to another one."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.FactTaken():
                self._take(entry)
            case e.PersonRecognised():
                for told in entry.told:
                    self._take(told)
            case e.EffectStarted(does="send_email") if entry.contact is not None:
                self._whom[entry.effect] = entry.contact
                if entry.template == _TO_THE_SILENT and not self._unsure and not self._silent(replay, entry.at):
                    yield f"{entry.label!r}, and nobody is silent: {self._heard}, written to {self._written}"
            case e.EffectSettled(does="send_email") if entry.status in {"done", "uncertain"}:
                if (contact := self._whom.get(entry.effect)) is not None:
                    self._written.setdefault(contact, entry.at)
            case e.StepSkipped() if _TO_THE_SILENT in entry.label and "silent for" in entry.why and not self._unsure:
                # To whom an address belongs that somebody without one had before, nobody can say.
                if silent := self._silent(replay, entry.at, with_address=True):
                    yield f"{entry.label!r} is left out, and {silent} are silent"

    def _take(self, entry: e.FactTaken) -> None:
        self._unsure |= entry.retracts is not None or entry.replaces is not None
        if entry.no_news is None and _is_answer(entry) and entry.fact not in _AGREED:
            self._hear(entry)

    def _hear(self, entry: e.FactTaken) -> None:
        whom = (entry.contact,) if entry.fact in {"reply_received", "call_logged"} else entry.concerns
        for contact in filter(None, whom or ()):
            self._heard[contact] = max(entry.happened_at, self._heard.get(contact, entry.happened_at))

    def _silent(self, replay: Replay, now: datetime, *, with_address: bool = False) -> list[str]:
        """The contacts who are silent for so long; of several with one address only the first is asked about."""
        contacts = {
            normal(one.email) if one.email else one.id: one.id
            for one in reversed(replay.memory.deal.contacts or ())
            if one.email or not with_address
        }
        since = {one: self._heard.get(one, self._written.get(one)) for one in contacts.values()}
        return [one for one, at in since.items() if at is not None and at + _SILENT_FOR <= now]
