"""The books: every effect has one id, every entry one number, every fact and command one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dealwright import entries as e
from dealwright.playbook.language.experiments import asks_only_for_arms, experiments_in
from dealwright.rules.clocks import clock_for
from simulation.replay import Check, Replay, is_told_to_itself
from simulation.simulated_deal import DecisionMade


class NoEffectTwice(Check):
    """No effect is started twice under one id, but after an attempt that handed nothing over."""

    listens_to = ("effect_started", "effect_settled")

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.EffectSettled):
            self._last[entry.effect] = entry.status
        elif isinstance(entry, e.EffectStarted):
            before = self._last.get(entry.effect)
            if before is not None and not (entry.again and before in {"not_done", "deferred"}):
                yield f"{entry.effect} is started {'again ' if entry.again else ''}after {before}"
            self._last[entry.effect] = "started"


class EffectsAreWhatEntriesSay(Check):
    """A decision starts the effects that its entries tell of, but those it called off itself."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        said: dict[str, None] = {}
        for entry in made.decision.entries:
            if isinstance(entry, e.EffectStarted):
                said[entry.effect] = None
            elif isinstance(entry, e.EffectSettled) and entry.status == "withdrawn":
                said.pop(entry.effect, None)
        started = [effect.id for effect in made.decision.effects]
        if sorted(started) != sorted(said):
            yield f"entries say {sorted(said)}, started are {sorted(started)}"
        if both := set(started) & set(made.decision.withdraw):
            yield f"started and withdrawn at once: {both}"


class NumberedWithoutGaps(Check):
    """Entries are numbered from 1 without gaps, and each has a sentence."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for number, entry in enumerate(made.decision.entries, made.before + 1):
            if entry.number != number:
                yield f"entry {number} says it is {entry.number}"
            if not entry.sentence():
                yield f"entry {number} ({entry.kind}) has nothing to say"
            if entry.at != made.now:
                yield f"entry {number} ({entry.kind}) is of {entry.at}, not of {made.now}"


class EveryFactOnce(Check):
    """Every fact is taken or refused once, and every command gets one verdict."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        told = Counter((item.name, item.id) for item in made.batch if item.kind == "fact")
        noted = Counter(
            (entry.fact, entry.id)
            for entry in made.decision.entries
            if isinstance(entry, e.FactTaken | e.FactRefused) and getattr(entry, "told_with", None) is None
            if not is_told_to_itself(entry.id)
        )
        if told != noted:
            yield f"told {dict(told - noted)} and noted instead {dict(noted - told)}"
        for name, id_ in told:
            if id_ is not None and (name, id_) in self._known:
                yield f"{name} {id_} is taken twice"
            self._known.add((name, id_ or ""))
        commands = Counter(item.id for item in made.batch if item.kind == "command")
        if commands != Counter(made.decision.verdicts.keys()):
            yield f"commands {list(commands)} got verdicts {list(made.decision.verdicts)}"


class SkippedIsCounted(Check):
    """Required actions that were not done when their stage was left are named and counted."""

    listens_to = ("task_opened", "task_closed", "stage_left")

    def __init__(self) -> None:
        self._required: dict[str, str] = {}
        self._dropped: list[str] = []
        self._count = 0

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.TaskOpened(required=True):
                self._required[entry.task] = entry.title
            case e.TaskClosed() if (title := self._required.pop(entry.task, None)) is not None:
                if entry.how == "cancelled" and entry.result and f"stopped: left {replay.state.stage}" in entry.result:
                    self._dropped.append(title)
            case e.StageLeft():
                if unnamed := set(self._dropped) - set(entry.skipped_required):
                    yield f"left {entry.stage} without {unnamed}, which it does not say"
                self._count += len(self._dropped)
                self._dropped.clear()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if replay.state.skipped_required < self._count:
            yield f"{self._count} required actions were skipped, {replay.state.skipped_required} are counted"


class OneArmForEver(Check):
    """A deal has one arm of an experiment, nothing of another arm is done, and what an arm decided is written down."""

    listens_to = ("experiment_exposed", "effect_started")

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        arms = replay.state.arms
        if isinstance(entry, e.ExperimentExposed) and entry.experiment in arms:
            yield f"exposed to {entry.experiment} again: {entry.arm} after {arms[entry.experiment]}"
        if not isinstance(entry, e.EffectStarted) or entry.run is None:
            return
        if (entry.arms or {}) != arms:
            yield f"{entry.effect} says the arms {entry.arms}, and the deal was exposed to {arms}"
        run = replay.state.runs.get(entry.run)
        play = replay.playbook.play(run.play) if run else None
        if play is None or entry.step is None or (condition := play.actions[entry.step].if_) is None:
            return
        if not entry.again and asks_only_for_arms(condition):
            if not condition.test(replay.state, None, clock_for(replay.state, replay.playbook, entry.at)):
                yield f"{entry.effect} is of another arm: {condition.words()}, and the deal has {arms}"
            if unknown := set(experiments_in(condition)) - arms.keys():
                yield f"{entry.effect} was decided by {unknown}, which is not written down"
