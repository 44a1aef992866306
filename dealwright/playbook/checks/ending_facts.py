"""Facts that end a deal, and what else waits for them in vain."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.playbook.checks.reachability import covers, each_enough
from dealwright.playbook.checks.traversal import triggers_in
from dealwright.playbook.language.model import Playbook


def ended_before(playbook: Playbook) -> Iterator[Diagnostic]:
    """Stages and terms that begin with a fact which ends the deal, and facts that end it in two ways."""
    seen: dict[str, str] = {}
    for index, end in enumerate(playbook.ends):
        for key in end.when:
            if (first := seen.setdefault(key, end.outcome)) != end.outcome:
                problem = f"{key!r} ends the deal as {first} already"
                yield warning(("ends", index, "when"), problem, "keep it in one of the two")
    ending = frozenset(seen)
    for place, keys in triggers_in(playbook):
        if place[-1] in {"enter_when", "renews_on"}:
            yield from _in_vain(place, keys, ending)
    for number, stage in enumerate(playbook.stages):
        if stage.leave_when is not None:
            yield from _in_vain(("stages", number, "leave_when"), tuple(each_enough(stage.leave_when)), ending)


def _in_vain(place: Place, keys: tuple[str, ...], ending: frozenset[str]) -> Iterator[Diagnostic]:
    for key in keys:
        if covers(ending, key):
            problem = f"{key!r} ends the deal, which goes nowhere then"
            yield warning(place, problem, "take it out, or take the fact out of ends")
