"""Who of a pool can take a deal, and whose turn it is: reckoned from what the store knows, without asking it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from dealwright.candidates import Candidate
from dealwright.effects import ChooseOwner

_PARTS = 1_000_000
"""Into how many parts a deal is divided to reckon who has got their share."""


@dataclass(frozen=True)
class Turn:
    """A turn that a deal may be: whose it is, and who takes it, as they may be away."""

    of: Candidate
    taken_by: Candidate

    @property
    def at_work_from(self) -> datetime | None:
        """When whoever takes it is at work next, where that counts."""
        return self.taken_by.at_work_from


def turns(effect: ChooseOwner, load: Mapping[str, int], away: AbstractSet[str]) -> Sequence[Turn]:
    """The turns that a deal may be: in a territory, of or for somebody who is there and has room, at work first."""
    able = [one for one in _turns(effect, away) if has_room(one.taken_by, load)]
    if effect.replaces is not None:
        able = [one for one in able if one.taken_by.person.key != effect.replaces.key] or able
    soonest = min((one.at_work_from for one in able if one.at_work_from is not None), default=None)
    return [one for one in able if soonest is None or one.at_work_from == soonest]


def _turns(effect: ChooseOwner, away: AbstractSet[str]) -> Iterator[Turn]:
    for one in effect.candidates:
        taken_by = who_is_there(effect, one.person.key, away)
        if one.fits and taken_by is not None:
            yield Turn(one, taken_by)


def who_is_there(effect: ChooseOwner, key: str, away: AbstractSet[str]) -> Candidate | None:
    """A candidate, or while they are away whoever covers for them; None when that one is away too."""
    known = {one.person.key: one for one in effect.candidates}
    wanted = known.get(key)
    if wanted is None or key not in away:
        return wanted
    cover = known.get(wanted.cover or "")
    return None if cover is None or cover.person.key in away else cover


def has_room(candidate: Candidate, load: Mapping[str, int]) -> bool:
    """Whether somebody has fewer open deals than they can have."""
    return candidate.capacity is None or load.get(candidate.person.key, 0) < candidate.capacity


def next_turn(credit: Mapping[str, int], weights: Mapping[str, int]) -> tuple[str, dict[str, int]]:
    """Whose turn it is of those with these weights, and what credit each of them has after it.

    This is the smooth weighted round robin, reckoned in parts of a deal, since not everybody can take each one:
    whoever can gains their share of it, and who gets it pays for all.
    """
    shares = {member: weight * _PARTS // sum(weights.values()) for member, weight in weights.items()}
    after = {member: credit.get(member, 0) + share for member, share in shares.items()}
    chosen = max(after, key=lambda member: after[member])
    after[chosen] -= sum(shares.values())
    return chosen, after
