"""Which step of a changed play is which of the old one: by their names, else by what they do."""

from __future__ import annotations

from dealwright.playbook.language.plays import Play


def matched_steps(old: Play, new: Play) -> dict[int, int]:
    """The new index of each step of the old play that the new one still has."""
    found = _by(old.step_names, new.step_names)
    left = [index for index in range(len(old.actions)) if index not in found]
    free = [index for index in range(len(new.actions)) if index not in found.values()]
    # A step that was given a name, or lost it, still does the same.
    renamed = _by([old.actions[index].does for index in left], [new.actions[index].does for index in free])
    return found | {left[mine]: free[theirs] for mine, theirs in renamed.items()}


def _by(old: list[str] | tuple[str, ...], new: list[str] | tuple[str, ...]) -> dict[int, int]:
    free = list(new)
    found = {}
    for mine, name in enumerate(old):
        if name in free:
            theirs = free.index(name)
            found[mine] = theirs
            free[theirs] = "\0taken"
    return found
