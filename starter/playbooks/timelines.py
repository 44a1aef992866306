"""Timelines and red tests, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulation.playbook_tests.judging import Failure
from simulation.playbook_tests.points import Clock
from simulation.playbook_tests.running import Lived
from simulation.timeline.happening import Happening
from simulation.timeline.wording import line, moment, shown
from starter.playbooks.folder import PlaybookFolder, Result
from starter.printing import counted, out

_LONGEST = 60
"""Lines of a red test's timeline."""
_WHAT = 68
"""Columns of what happened; what is longer pushes its rule to the right."""


class Timelines:
    """Shows what happened to deals of one playbook."""

    def __init__(self, folder: PlaybookFolder) -> None:
        self._rules, self._zone = folder.rules, Clock(folder.playbook.calendar).zone

    def print(self, happenings: Iterable[Happening], *, indent: str = "") -> None:
        """Print them, one a line, each with the rule that did it."""
        for one in happenings:
            rule = self._rules.of(one)
            what = line(one, self._zone)
            told = f"{moment(one.at, self._zone)}  {what:<{_WHAT}}  {rule}" if rule else self._plain(one, what)
            out.print(f"{indent}{told}", soft_wrap=True)

    def print_lived(self, lived: Lived) -> None:
        """Print all that became of a deal."""
        self.print(shown(lived.happenings))
        over = any(one.kind == "closed" for one in lived.happenings[-1:])
        end = moment(lived.ended_at, self._zone)
        out.print(f"The deal is over on {end}." if over else f"The deal goes on after {end}.")

    def print_red(self, result: Result) -> None:
        """Print what a red test says, what is wrong with it, and what happened instead."""
        at = result.written.location()
        out.print(f"\nFAIL: {result.written.test.name} ({at.file}:{at.line})", soft_wrap=True)
        for failure in result.failures:
            here = result.written.location(*failure.place)
            out.print(f"  {here.file}:{here.line}: {failure.expected}: {failure.problem}", soft_wrap=True)
            self.print(failure.instead, indent="    ")
        lines = list(shown(result.lived.counted))
        out.print("  What happened:")
        self.print(lines[:_LONGEST], indent="    ")
        if (left_out := len(lines) - _LONGEST) > 0:
            out.print(f"    … and {counted(left_out, 'line')} more: dealwright playbook try shows them with --test")

    def result_document(self, result: Result) -> dict[str, object]:
        """A test as JSON; a red one with what happened."""
        at = result.written.location()
        told: dict[str, object] = {
            "name": result.written.test.name, "ok": not result.failures, "file": at.file, "line": at.line,
        }  # fmt: skip
        if result.failures:
            told["failures"] = [self._failure(result, failure) for failure in result.failures]
            told["timeline"] = self.documents(result.lived.happenings, result.lived)
        return told

    def lived_document(self, name: str, lived: Lived) -> dict[str, object]:
        """All that became of a deal, as JSON."""
        return {
            "name": name, "until": lived.ended_at.astimezone(self._zone).isoformat(),
            "refused": [{"what": one.what, "why": one.why} for one in lived.refused],
            "timeline": self.documents(lived.happenings, lived),
        }  # fmt: skip

    def documents(self, happenings: Sequence[Happening], lived: Lived) -> list[dict[str, object]]:
        """Happenings as JSON: what is not known of one is left out."""
        return [self._document(one, counts=one.number >= lived.begins) for one in happenings]

    def _document(self, one: Happening, *, counts: bool) -> dict[str, object]:
        rule = self._rules.of(one)
        parts: dict[str, object] = {
            "at": one.at.astimezone(self._zone).isoformat(),
            "kind": one.kind,
            "name": one.name,
            "to": one.to,
            "text": one.text or None,
            "marketing": one.marketing if one.kind == "email" else None,
            "due_at": one.due_at and one.due_at.astimezone(self._zone).isoformat(),
            "play": one.play,
            "step": None if one.step is None else one.step + 1,
            "rule": rule and rule.name,
            "file": rule and rule.location.file,
            "line": rule and rule.location.line,
            "given": None if counts else True,
            "words": line(one, self._zone),
        }
        return {name: part for name, part in parts.items() if part is not None}

    def _failure(self, result: Result, failure: Failure) -> dict[str, object]:
        at = result.written.location(*failure.place)
        return {
            "file": at.file, "line": at.line, "expected": failure.expected, "problem": failure.problem,
            "instead": self.documents(failure.instead, result.lived),
        }  # fmt: skip

    def _plain(self, one: Happening, what: str) -> str:
        return f"{moment(one.at, self._zone)}  {what}"
