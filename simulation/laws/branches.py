"""Of a step and what stands under its ``else``, one is done: which one was chosen once, and stays so."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import entries as e
from simulation.replay import Check, Replay


class OneOfTheTwo(Check):
    """Of a step and what comes instead of it, one is done in a run, and the story says which."""

    listens_to = ("effect_started", "task_opened", "step_skipped")

    def __init__(self) -> None:
        self._begun: set[tuple[str, int, int]] = set()
        """The steps that were begun, by their run and its numbering."""
        self._gave_way: set[tuple[str, int, int]] = set()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        run = replay.state.runs.get(getattr(entry, "run", None) or "")
        play = replay.playbook.play(run.play) if run is not None else None
        if run is None or play is None:
            return
        if isinstance(entry, e.StepSkipped):
            if entry.otherwise:
                self._gave_way.add((run.key, run.edition, entry.index))
        elif isinstance(entry, e.EffectStarted | e.TaskOpened) and entry.step is not None:
            if entry.step >= len(play.actions):
                return
            self._begun.add((run.key, run.edition, entry.step))
            for owner in play.branches.before(entry.step):
                both = (run.key, run.edition, owner) in self._begun
                if both or (run.edition == 0 and (run.key, 0, owner) not in self._gave_way):
                    what = "was begun" if both else "did not give way"
                    yield f"{entry.sentence()!r}, instead of {play.step_names[owner]!r}, which {what}"
