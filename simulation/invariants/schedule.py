"""What a deal waits for: always something, never in a circle, and what is due is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from dealwright import entries as e
from dealwright.effects import Notify
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import DealState
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_MOST_WAKES_AT_ONCE = 2


class AlwaysANextWakeTime(Check):
    """Every open deal has a wake time, ahead, and not later than anything that it waits for."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        wake_at, state = made.decision.wake_at, replay.state
        if state.finished:
            if wake_at is not None:
                yield f"a finished deal wakes at {wake_at}"
            return
        if wake_at is None:
            yield "an open deal has no wake time"
        elif wake_at <= made.now:
            yield f"it is {made.now}, and the deal wakes at {wake_at}"
        else:
            for at, what in _waits_for(state):
                if wake_at > at:
                    yield f"the deal sleeps until {wake_at} through {what} at {at}"
        if not made.decision.wake_for:
            yield "the wake time says not what for"


def _waits_for(state: DealState) -> list[tuple[datetime, str]]:
    if state.pause is not None:
        return [(state.pause.until or state.pause.review_at, "the end of the pause")]
    times = [
        *((planned.due_at, planned.label) for run in state.runs.values() for planned in run.planned.values()),
        *((task.due_at, task.title) for task in state.tasks.values()),
        *((approval.answer_by, approval.name) for approval in state.approvals.values()),
        *((handoff.accept_by, handoff.name) for handoff in state.handoffs.values()),
        *((pending.again_at, f"another attempt: {pending.label}") for pending in state.pending.values()),
        *((at, f"the beginning of {play}") for play, at in state.expected.items()),
        (state.stalls_at, "the stall"),
    ]
    return [(at, what) for at, what in times if at is not None]


class NothingDueIsLeft(Check):
    """After a decision nothing is due that was not done or told."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if not replay.state.finished:
            yield from (f"{what} was due at {at}" for at, what in _waits_for(replay.state) if at <= made.now)


class NoCircles(Check):
    """The clock wakes a deal once at one moment."""

    def __init__(self) -> None:
        self._last: datetime | None = None
        self._count = 0

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if made.batch or not made.woken:
            return
        self._count = self._count + 1 if made.now == self._last else 1
        self._last = made.now
        if self._count > _MOST_WAKES_AT_ONCE:
            yield f"woken {self._count} times at {made.now}"


class DatesAreFollowed(Check):
    """What is reckoned from a date stands where the date says."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        state = replay.state
        if state.finished or state.deal is None or not made.batch:  # nothing but news moves a date
            return
        if any(step.dated for run in state.runs.values() for step in run.planned.values()):
            yield from _steps_astray(DecisionContext(state, replay.playbook, made.now))
        if state.dated:
            yield from _plays_astray(DecisionContext(state, replay.playbook, made.now))


def _steps_astray(context: DecisionContext) -> Iterator[str]:
    for run in context.state.runs.values():
        play = context.playbook.play(run.play)
        for index, planned in run.planned.items():
            step = play.actions[index] if play and index < len(play.actions) else None
            times = context.time_of(step.at) if step and step.at else None
            if times is None or times[1] <= context.now:
                continue
            reader = step.contact(context.state, run.contact) if step else None
            opens = context.calendar_for(reader).next_open(times[1])
            if (planned.due_at not in {times[1], opens} and planned.due_at < times[1]) or planned.due_at > opens:
                yield f"{planned.label} stands at {planned.due_at}, its date says {times[1]}"


def _plays_astray(context: DecisionContext) -> Iterator[str]:
    for play in context.playbook.dated_plays(context.state.stage or ""):
        visit = 0 if context.playbook.is_whole_deal(play.name) else context.state.visit
        known = context.state.dated.get(f"{play.name}/{visit}")
        times = context.time_of(play.dated) if play.dated else None
        if known and times and times[0] != known:
            yield f"{play.name} goes by {known}, its date is {times[0]}"


class PausesKeepWhatIsLeft(Check):
    """After a pause as much of each delay is left as when it began."""

    listens_to = ("resumed", "play_started", "play_delayed", "play_carried_over", "step_planned", "task_opened")

    def __init__(self) -> None:
        self._since: dict[object, datetime] = {}
        self._left: dict[object, timedelta] = {}
        self._resumed_at: datetime | None = None

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.PlayStarted():
                self._since |= {(entry.run, step.index): entry.at for step in entry.planned}
            case e.StepPlanned():
                self._since[entry.run, entry.planned.index] = entry.at
                self._left.pop((entry.run, entry.planned.index), None)
            case e.PlayDelayed():
                run = replay.state.runs.get(entry.run)
                later = [index for index, step in run.planned.items() if step.due_at < entry.until] if run else []
                self._since |= {(entry.run, index): entry.at for index in later}
                for index in later:
                    self._left.pop((entry.run, index), None)
            case e.PlayCarriedOver():
                now = {new: self._since.get((entry.run, old), entry.at) for old, new in entry.steps.items()}
                self._since |= {(entry.run, step.index): now.get(step.index, entry.at) for step in entry.planned}
            case e.TaskOpened():
                self._since[entry.task] = entry.at
            case e.Resumed() if replay.state.pause is not None:
                self._resumed_at, began = entry.at, replay.state.pause.since
                self._left = {key: at - max(began, self._since[key]) for key, at in _delays(replay.state)}
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if self._resumed_at is None:
            return
        for key, at in _delays(replay.state):
            left = self._left.get(key, timedelta())
            if left > timedelta() and at - self._resumed_at != left:
                yield f"{key} had {left} left, and comes {at - self._resumed_at} after the pause"
        self._resumed_at, self._left = None, {}


def _delays(state: DealState) -> list[tuple[object, datetime]]:
    steps = ((run.key, step) for run in state.runs.values() for step in run.planned.values() if not step.dated)
    tasks = (task for task in state.tasks.values() if not task.dated)
    return [*(((key, step.index), step.due_at) for key, step in steps), *((task.id, task.due_at) for task in tasks)]


class MissedIsTold(Check):
    """Whoever is above is told of a missed deadline, at once."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        missed = [entry for entry in made.decision.entries if isinstance(entry, e.DeadlineMissed)]
        told = [
            (effect.role, effect.text)
            for effect in made.decision.effects
            if isinstance(effect, Notify) and effect.text.startswith(("Overdue", "Still overdue"))
        ]
        for entry in missed:
            if replay.state.finished:
                return
            if not any(role == (entry.escalated_to or entry.role) and entry.label in text for role, text in told):
                yield f"{entry.label} was missed, and nobody was told"


class ApprovalsNeedEverybody(Check):
    """An approval is granted when everybody in its chain said yes to its terms, in order, and not before."""

    listens_to = ("approval_answered",)

    def __init__(self) -> None:
        self._said: dict[str, list[str]] = {}

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if not isinstance(entry, e.ApprovalAnswered):
            return
        said = self._said.setdefault(entry.approval, [])
        if entry.answer == "approve" and entry.by != "dealwright":
            said.append(entry.by)
        approval = replay.state.approvals.get(entry.approval)
        if approval is None:
            yield f"{entry.approval} is answered, but not open"
        elif entry.settled == "granted" and len(said) != len(approval.chain):
            yield f"{entry.name} is granted by {said}, its chain is {approval.chain}"


class HandoffsAreComplete(Check):
    """A handoff is offered when every piece is there, and its receiver owns the deal when it is accepted."""

    listens_to = ("handoff_offered", "handoff_answered")

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.HandoffOffered):
            rule = replay.playbook.handoff(entry.name)
            notes = (replay.state.deal.notes if replay.state.deal else None) or {}
            if rule and (missing := [piece for piece in rule.needs if not notes.get(piece)]):
                yield f"{entry.name} is offered without {missing}"
            if entry.accept_by <= entry.at:
                yield f"{entry.name} is to be accepted by {entry.accept_by}"
        elif isinstance(entry, e.HandoffAnswered) and entry.handoff not in replay.state.handoffs:
            yield f"{entry.handoff} is answered, but not open"
