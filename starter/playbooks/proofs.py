"""A proof of policies as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from dealwright.diagnostics.text import sentence
from simulation.timeline.wording import moment
from starter.printing import out, say_json

if TYPE_CHECKING:
    from simulation.proving.prover import Findings
    from simulation.proving.story import Story, StoryStep


@dataclass(frozen=True)
class Proof:
    """What was found in so many lives."""

    file: str
    """The file of the policies, as somebody in this working directory opens it."""
    findings: tuple[Findings, ...]
    lives: int
    """How many were lived."""
    of: int
    """How many were asked for."""
    seed: int
    seconds: float
    endless: int
    """In so many lives, plays started each other without end."""
    circle: str

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.broken and not self.endless

    @property
    def broken(self) -> tuple[Findings, ...]:
        """The policies that are broken."""
        return tuple(one for one in self.findings if one.broken_in)

    @property
    def is_whole(self) -> bool:
        """Whether all lives were lived."""
        return self.lives == self.of

    def print(self) -> None:
        """Print it for people."""
        for one in self.findings:
            out.print(f"{_word(one):<7} {one.policy.policy.name} ({self._extent(one)})", soft_wrap=True)
        for one in self.broken:
            out.print()
            for line in self._story(one):
                out.print(line, soft_wrap=True)
        out.print()
        if self.endless:
            out.print(f"{self.circle} So it went in {self.endless:,} lives.", soft_wrap=True)
        out.print(self._summary())

    def say_json(self) -> None:
        """Print it for programs."""
        found = [self._document(one) for one in self.findings]
        lived = {"lives": self.lives, "of": self.of, "seed": self.seed, "endless": self.endless}
        say_json({"ok": self.holds, **lived, "policies": found})

    def _extent(self, one: Findings) -> str:
        if one.broken_in:
            return f"in {one.broken_in:,} of {self.lives:,} lives"
        return f"tried in {one.tried_in:,}" if one.tried_in else "no life came to it"

    def _story(self, one: Findings) -> Iterator[str]:
        yield f"BROKEN: {one.policy.policy.name} ({self.file}:{one.policy.line})"
        if one.story is None:
            return
        for number, step in enumerate(one.story.steps, 1):
            then = f": {'; '.join(step.then)}" if step.then else ""
            yield f"  {number:2}  {moment(step.at, UTC)}  {step.text}{then}"
        yield f"  {sentence(one.story.why)}"
        if one.story.rule is not None:
            yield f"  The rule: {one.story.rule}."

    def _summary(self) -> str:
        untried = sum(not one.tried_in for one in self.findings)
        held = len(self.findings) - len(self.broken) - untried
        lives = f"{self.lives:,} lives" if self.is_whole else f"{self.lives:,} of {self.of:,} lives, then stopped"
        never = f", {untried} never tried" if untried else ""
        return f"{held} held, {len(self.broken)} broken{never} in {lives} (seed {self.seed}, {self.seconds:.1f} s)."

    def _document(self, one: Findings) -> dict[str, object]:
        return {
            "name": one.policy.policy.name,
            "file": self.file,
            "line": one.policy.line,
            "held": not one.broken_in,
            "tried_in": one.tried_in,
            "broken_in": one.broken_in,
            "story": _story_document(one.story) if one.story is not None else None,
        }


def _word(one: Findings) -> str:
    return "BROKEN" if one.broken_in else "held" if one.tried_in else "untried"


def _story_document(story: Story) -> dict[str, object]:
    rule = story.rule
    at = {"name": rule.name, "file": rule.location.file, "line": rule.location.line} if rule is not None else None
    return {"why": story.why, "rule": at, "steps": [_step_document(step) for step in story.steps]}


def _step_document(step: StoryStep) -> dict[str, object]:
    return {"at": step.at.isoformat(), "what": step.text, "then": list(step.then)}
