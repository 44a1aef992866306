"""In what the plays of two playbooks differ: by their names, and their steps by theirs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dealwright.playbook.differences.difference import Difference, Place, difference
from dealwright.playbook.differences.values import changes, in_words, written
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.step_matching import matched_steps

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_KINDS = {"handoff": "handoff", "approval": "approval", "notify": "notice", "enter": "move", "close": "end"}
"""Actions as things, where the action is none."""


def compare_plays(old: Playbook, new: Playbook) -> Iterator[Difference]:
    """The plays that only one has, those that stand elsewhere now, and what else is new about those of both."""
    homes_before, homes = _homes(old), _homes(new)
    for name, home in homes_before.items():
        if name not in homes:
            yield difference(Place("play", name), "removed", f"is gone ({home})", before=home)
    for name, home in homes.items():
        place, before, after = Place("play", name), old.play(name), new.play(name)
        if after is None:
            continue
        if before is None:
            steps = ", ".join(step.label for step in after.actions)
            text = f"is new ({home}): {steps}"
            yield difference(place, "added", text, after=written(after))
            continue
        if homes_before[name] != home:
            text = f"belongs to {home} instead of {homes_before[name]}"
            yield difference(place, "moved", text, before=homes_before[name], after=home)
        yield from changes(place, before, after, besides={"name", "steps", "do"})
        yield from compare_steps(before, after)


def _homes(playbook: Playbook) -> dict[str, str]:
    return {play.name: f"stage {stage.name}" if stage else "the whole deal" for stage, play in playbook.everything()}


def compare_steps(old: Play, new: Play) -> Iterator[Difference]:
    """The steps that are gone or new, stand elsewhere in a sequence, or are done otherwise."""
    place = Place("play", new.name)
    if bool(old.do) != bool(new.do):
        ways = ("one after another", "side by side")
        before, after = ways[bool(old.do)], ways[bool(new.do)]
        yield difference(place, "changed", f"its steps come {after} instead of {before}", before=before, after=after)
    matched = matched_steps(old, new)
    for index, step in enumerate(old.actions):
        if index not in matched:
            there = _step(old, index)
            yield difference(there, "removed", f" is gone ({step.label})", before=written(step))
    for index, step in enumerate(new.actions):
        if index not in matched.values():
            there, when = _step(new, index), _when(new, index)
            when += f", {_instead_of(new, index)}" if new.branches[index].instead_of is not None else ""
            yield difference(there, "added", f" is new ({step.label}{when})", after=written(step))
    for mine, theirs in sorted(matched.items(), key=lambda pair: pair[1]):
        there = _step(new, theirs)
        there = there._replace(within=f"{there.within} ")
        yield from changes(there, old.actions[mine], new.actions[theirs], besides={"else"})
        if (instead := _instead_of(new, theirs)) != (before_it := _instead_of(old, mine)):
            text = f"comes {instead} instead of {before_it}"
            yield difference(there, "moved", text, before=before_it, after=instead)
    if new.steps and any(theirs > following for theirs, following in pairwise(matched[one] for one in sorted(matched))):
        before_names = [old.step_names[index] for index in sorted(matched)]
        after_names = [new.step_names[index] for index in sorted(matched.values())]
        text = f"its steps come in another order: {', '.join(after_names)}"
        yield difference(place, "moved", text, before=list(before_names), after=list(after_names))


def _step(play: Play, index: int) -> Place:
    """A step as people point to it: its kind, and which one of that kind it is in the play."""
    step = play.actions[index]
    kind = _KINDS.get(step.action, step.said or step.action)
    alike = [place for place, each in enumerate(play.actions) if each.action == step.action]
    at = alike.index(index)
    which = "" if len(alike) == 1 else f"{_ORDINALS[at] if at < len(_ORDINALS) else f'{at + 1}th'} "
    return Place("play", play.name, f"its {which}{kind}", play.step_names[index])


def _instead_of(play: Play, index: int) -> str:
    """Under whose else a step stands, if under any."""
    owner = play.branches[index].instead_of
    return "anyway" if owner is None else f"under the else of {play.step_names[owner]}"


def _when(play: Play, index: int) -> str:
    step = play.actions[index]
    if step.after is not None:
        return f", after {step.after}"
    return f", at {in_words(written(step.at))}" if step.at is not None else ""
