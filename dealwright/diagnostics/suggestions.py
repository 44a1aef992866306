"""What was probably meant by a name that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_NAME = 200
"""Characters of a name that are compared: of a longer one, time would be spent on nonsense."""


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """The remedy for an unknown name: the nearest of those that are known, else ``otherwise``, else all of them."""
    names = list(known)
    if (near := nearest(name, names)) is not None:
        return f"did you mean {near!r}?"
    return otherwise or (f"write one of {', '.join(names)}" if names else "take it out")


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known name that was probably meant: the same one in other letters, or one that is much like it."""
    names, wanted = list(known), name[:_LONGEST_NAME]
    if (same := the_same(wanted, names)) is not None:
        return same
    folded = {each.casefold(): each for each in names}
    near = get_close_matches(wanted.casefold(), folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def the_same(name: str, known: Iterable[str]) -> str | None:
    """The known name that differs in capitals, spaces, hyphens and underscores only."""
    return next((each for each in known if _folded(each) == _folded(name)), None)


def _folded(name: str) -> str:
    return name.strip().casefold().replace("_", "-").replace(" ", "-")
