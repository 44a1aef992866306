"""The line of the playbook that did something: the step, the play, the stage, the approval."""

from __future__ import annotations

from dataclasses import dataclass

from dealwright.diagnostics.diagnostic import Location, Place
from dealwright.playbook.checks.traversal import plays_in
from dealwright.playbook.language.model import Playbook
from dealwright.yaml.document import YamlDocument
from simulation.timeline.happening import Happening


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a playbook, and where it stands."""

    name: str
    """``cold-cadence, step 3``, ``stage close``."""
    location: Location

    def __str__(self) -> str:
        return f"{self.name} ({self.location.file}:{self.location.line})"


class Rules:
    """Finds the rules of one playbook's file."""

    def __init__(self, playbook: Playbook, document: YamlDocument) -> None:
        self._document = document
        self._plays = {at.play.name: at for at in plays_in(playbook)}
        self._parts: dict[str, list[str]] = {
            "stages": [stage.name for stage in playbook.stages],
            "approvals": [rule.name for rule in playbook.approvals],
            "handoffs": [rule.name for rule in playbook.handoffs],
            "ends": [end.outcome for end in playbook.ends],
        }

    def of(self, happening: Happening) -> Rule | None:
        """The rule that made it happen; None for what comes from outside, and from Dealwright itself."""
        if happening.play is not None:
            return self._of_play(happening.play, happening.step)
        match happening.kind:
            case "stage" | "left" | "stalled":
                return self._of_part("stages", "stage", happening.name)
            case "approval" | "approval_answered":
                return self._of_part("approvals", "approval", happening.name)
            case "handoff" | "handoff_offered" | "handoff_answered":
                return self._of_part("handoffs", "handoff", happening.name)
            case "closed":
                return self._of_part("ends", "ends", happening.name)
        return None

    def _of_play(self, play: str, step: int | None) -> Rule | None:
        if (at := self._plays.get(play)) is None:
            return None
        places = [place for place, _ in at.steps()]
        if step is None or step >= len(places):
            return self._at(play, at.place)
        return self._at(f"{play}, step {step + 1}" if len(places) > 1 else play, places[step])

    def _of_part(self, key: str, what: str, name: str) -> Rule | None:
        names = self._parts[key]
        return self._at(f"{what} {name}", (key, names.index(name))) if name in names else None

    def _at(self, name: str, place: Place) -> Rule:
        at = self._document.position(place)
        return Rule(name, Location(self._document.file, at.line, at.column))
