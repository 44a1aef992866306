"""Law 6: a living deal has somebody's next step, escalations back off, and no stage swallows a renewal."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from dealwright import entries as e
from simulation.laws.memory import Memory
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_YEAR = timedelta(days=365)
_MOST_NOTICES = 8
"""Of one thing in a year in which nobody acts: with delays that double, a handful."""
_GIVEN_ON = re.compile(r"\.given[0-9]+/")
_NEAR = timedelta(days=80)
_TIME_TO_BEGIN = timedelta(days=10)
"""How long a play may take to begin: over holidays, and while the worker is away."""


class SomebodyHasTheNextStep(Check):
    """At every moment of a living deal somebody has the next step: besides the notice that it stalls."""

    listens_to = (
        "play_started", "step_planned", "step_done", "step_skipped", "effect_started", "effect_settled", "play_ended",
        "play_carried_over", "task_opened", "task_closed", "approval_requested", "approval_answered", "handoff_begun",
        "handoff_answered", "play_expected", "contact_enrolled", "enrolment_over",
    )  # fmt: skip

    def __init__(self) -> None:
        self._steps: dict[str, set[int]] = {}
        self._work: set[str] = set()
        """Open tasks, questions and handoffs, plays that are expected, messages that wait, cadences that run."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.PlayStarted() | e.PlayCarriedOver():
                self._steps[entry.run] = {step.index for step in entry.planned}
            case e.StepPlanned():
                self._steps.setdefault(entry.run, set()).add(entry.planned.index)
            case e.StepDone() | e.StepSkipped():
                self._steps.get(entry.run, set()).discard(entry.index)
            case e.PlayEnded():
                self._steps.pop(entry.run, None)
            case e.EffectStarted():
                self._steps.get(entry.run or "", set()).discard(-1 if entry.step is None else entry.step)
                self._work.discard(f"again {entry.effect}")
                self._count(f"choice {entry.effect}", opens=entry.does == "choose_owner")
            case e.EffectSettled():
                self._count(f"choice {entry.effect}", opens=False)
                self._count(
                    f"again {entry.effect}",
                    opens=entry.again_at is not None and entry.does not in {"update_crm", "log_activity"},
                )
            case _:
                self._hear_of_work(entry)
        yield from ()

    def _hear_of_work(self, entry: e.Entry) -> None:
        match entry:
            case e.TaskOpened() | e.TaskClosed():
                self._count(entry.task, opens=isinstance(entry, e.TaskOpened))
            case e.ApprovalRequested():
                self._count(entry.approval, opens=True)
            case e.ApprovalAnswered() if entry.settled:
                self._count(entry.approval, opens=False)
            case e.HandoffBegun():
                self._count(entry.handoff, opens=True)
            case e.HandoffAnswered() if entry.answer != "declined":
                self._count(entry.handoff, opens=False)
            case e.ContactEnrolled() | e.EnrolmentOver():
                self._count(entry.enrolment, opens=isinstance(entry, e.ContactEnrolled))
            case e.PlayExpected():
                self._count(f"play {entry.play}", opens=entry.begins_at is not None)

    def _count(self, what: str, *, opens: bool) -> None:
        (self._work.add if opens else self._work.discard)(what)

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        memory = replay.memory
        yesterday = made.now.date() - timedelta(days=1)
        if memory.over or memory.paused or any(on >= yesterday for on in self._agreed(memory)):
            return
        if not self._work and not any(self._steps.values()):
            yield f"nobody has a next step in {replay.state.stage}"

    def _agreed(self, memory: Memory) -> Iterator[date]:
        """The days on which both sides agreed to go on."""
        if memory.deal.next_step_on is not None:
            yield memory.deal.next_step_on
        for one in (*memory.meetings.values(), *memory.demos.values()):
            if one.status == "booked" and one.starts_at is not None:
                yield one.starts_at.date()


class EscalationsBackOff(Check):
    """Nobody is told of one and the same delay more than a handful of times in a year.

    Whoever takes over an approval or a handoff has the whole time to answer: what they miss is another delay.
    """

    listens_to = ("deadline_missed", "stalled", "stage_entered", "resumed", "work_given")

    def __init__(self) -> None:
        self._sent: dict[str, list[datetime]] = defaultdict(list)
        self._visit = 0

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.StageEntered():
                self._visit = entry.visit
            case e.WorkGiven() if entry.what in {"approval", "handoff"}:
                self._sent.pop(_GIVEN_ON.sub("/", entry.id), None)
            case e.DeadlineMissed():
                yield from self._send(_GIVEN_ON.sub("/", entry.id), entry.at)
            case e.Stalled():
                yield from self._send(f"stage {entry.stage}, visit {self._visit}", entry.at)

    def _send(self, what: str, at: datetime) -> Iterator[str]:
        told = [one for one in self._sent[what] if at - one < _YEAR]
        self._sent[what] = [*told, at]
        if len(told) >= _MOST_NOTICES:
            yield f"{what} was told of {len(told) + 1} times since {told[0]}"


class NoStageSwallowsARenewal(Check):
    """Whatever stage a deal hangs in: a signed term near its end has its renewal begun, or was settled."""

    listens_to = ("fact_taken", "play_started", "anchor_moved", "paused", "resumed", "playbook_adopted", "play_ended")

    def __init__(self) -> None:
        self._signed = self._settled = False
        self._ends_on: date | None = None
        self._known_at: datetime | None = None
        self._seen_to: set[date] = set()
        """The ends of terms for which the renewal was begun, or left out for a reason that the journal gives."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.FactTaken(no_news=None) if entry.fact in {"contract_signed", "contract_renewed"}:
                self._signed, self._settled = True, False
            case e.FactTaken(fact="contract_cancelled", no_news=None):
                self._settled = True
            case e.FactTaken() if entry.retracts is not None and entry.retracts.startswith("contract_"):
                self._settled, self._known_at = False, entry.at
                self._signed &= entry.retracts == "contract_cancelled"
            case e.PlayStarted(play="renewal") if entry.dated_by is not None:
                self._see_to(entry.dated_by)
            case e.AnchorMoved(play="renewal") if entry.anchor is not None:
                self._see_to(entry.anchor)
            case e.Paused() | e.Resumed() | e.PlaybookAdopted():
                self._known_at = entry.at
        yield from ()

    def _see_to(self, anchor: datetime) -> None:
        self._seen_to |= {anchor.date() + timedelta(days=days) for days in (-1, 0, 1)}

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        memory, ends_on = replay.memory, _running_term(replay.memory)
        if ends_on != self._ends_on:
            self._ends_on, self._known_at = ends_on, made.now
        if ends_on is None or memory.over or memory.paused or not self._signed or self._settled:
            return
        play = replay.playbook.play("renewal")
        near = ends_on - made.now.date() < _NEAR and ends_on > made.now.date()
        waited = self._known_at is not None and made.now - self._known_at > _TIME_TO_BEGIN
        if play is not None and near and waited and ends_on not in self._seen_to:
            yield f"the term ends on {ends_on}, the deal hangs in {replay.state.stage}, and no renewal has begun"


def _running_term(memory: Memory) -> date | None:
    contract = memory.deal.contract
    return contract.ends_on if contract is not None and contract.status == "signed" else None
