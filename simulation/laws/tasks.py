"""What people say of a task that they did counts: its outcome decides what is next, what they filled in is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from dealwright import entries as e
from dealwright.deal import Known
from dealwright.playbook.language.conditions import All, HasHappened, Not, Test
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade


class WhatATaskFoundOutIsKnown(Check):
    """A task that somebody completes ends as they said, and the deal knows what they filled in.

    A system whose clock is a little ahead may have told something later of the same.
    """

    listens_to = ("task_opened", "command_taken", "fact_taken")

    def __init__(self) -> None:
        self._fills: dict[str, Mapping[str, str]] = {}
        self._said: list[Mapping[str, object]] = []
        self._told: dict[str, datetime] = {}
        """By path, when that happened which facts told of it last."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.TaskOpened):
            self._fills[entry.task] = entry.fills
        elif isinstance(entry, e.CommandTaken) and entry.command == "complete_task" and entry.accepted:
            self._said.append(replay.payload)
        elif isinstance(entry, e.FactTaken):
            self._told |= dict.fromkeys(entry.taught, entry.happened_at)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        done = [one for one in made.decision.entries if isinstance(one, e.TaskClosed) and one.how == "done"]
        for said in self._said:
            if said.get("fills") and not any(self._agrees(one, said) for one in done):
                yield f"somebody said {said}, and no task of this decision says so: {[one.sentence() for one in done]}"
        self._said.clear()

    def _agrees(self, closed: e.TaskClosed, said: Mapping[str, object]) -> bool:
        fills = said["fills"]
        if closed.outcome != said.get("outcome") or not isinstance(fills, dict):
            return False
        paths = self._fills.get(closed.task, {})
        said_last = {
            name: value for name, value in fills.items() if not self._is_told_later(paths.get(name, ""), closed)
        }
        return all(_known(closed.learned, paths.get(name, "")) == str(value) for name, value in said_last.items())

    def _is_told_later(self, path: str, closed: e.TaskClosed) -> bool:
        return path in self._told and self._told[path] > closed.at


def _known(learned: Known | None, path: str) -> str | None:
    """What was learned at a path, as people write it."""
    part, _, field = path.partition(".")
    table = getattr(learned, part, None) if learned is not None else None
    value = table.get(field) if isinstance(table, dict) else getattr(table, field, None)
    return f"{value:g}" if isinstance(value, float) else None if value is None else str(value)


class TheOutcomeDecidesWhatIsNext(Check):
    """A step that asks how a task of its own run ended is done only where the task ended so."""

    listens_to = ("task_opened", "task_closed")

    def __init__(self) -> None:
        self._run_of: dict[str, str] = {}
        self._name_of: dict[str, str] = {}
        self._done: defaultdict[str, set[str]] = defaultdict(set)
        """By run, what its tasks ended as: ``task_done:call:connected``."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.TaskClosed):
            if entry.how == "done" and entry.task in self._run_of:
                key = f"task_done:{self._name_of[entry.task]}"
                self._done[self._run_of[entry.task]] |= {key} | ({f"{key}:{entry.outcome}"} if entry.outcome else set())
        elif isinstance(entry, e.TaskOpened) and entry.run is not None:
            yield from self._judge(replay, entry, entry.run)
            self._run_of[entry.task], self._name_of[entry.task] = entry.run, entry.name

    def _judge(self, replay: Replay, entry: e.TaskOpened, run: str) -> Iterator[str]:
        began = replay.memory.started.get(run)
        play = replay.playbook.play(began.play) if began is not None else None
        if play is None or entry.step is None or entry.step >= len(play.actions):
            return
        step = play.actions[entry.step]
        asked_anew = any(self._run_of.get(task) == run and self._name_of[task] == entry.name for task in self._run_of)
        if step.subject != entry.name or step.if_ is None or asked_anew:
            return
        if self._holds(step.if_, run, frozenset(f"task_done:{name}" for name in play.task_names)) is False:
            yield f"{entry.sentence()!r} though {step.if_.words()} is not so of its run: {sorted(self._done[run])}"

    def _holds(self, test: Test, run: str, own: frozenset[str]) -> bool | None:
        """Whether a condition about tasks of the run holds; None where it is about something else too."""
        match test:
            case HasHappened(keys, None) if all(":".join(key.split(":")[:2]) in own for key in keys):
                return not self._done[run].isdisjoint(keys)
            case Not(part):
                held = self._holds(part, run, own)
                return None if held is None else not held
            case All(parts):
                held_each = [self._holds(part, run, own) for part in parts]
                return False if False in held_each else None
        return None
