"""The shortest life that still breaks a policy: moves are left out and waits shortened until nothing can go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from dealwright.deal import Contact, Deal
from dealwright.decide import EndlessPlaybook
from simulation.playbook_library import PlaybookLibrary
from simulation.policies.policy import Policy
from simulation.policies.tracker import Broken
from simulation.policies.watching import Watch, watch
from simulation.proving.life import Life, Living, Opening, live
from simulation.proving.moves import Fact, Move

MOST_TRIALS = 1500
"""Lives that are lived to shorten one: more are hardly ever needed."""
A_MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
_SLACK = timedelta(days=21)
"""So much longer each life is lived while it is shortened: with shorter waits, what breaks the policy comes later."""
_NO_TIME, _MINUTE = timedelta(), timedelta(minutes=1)
_STEPS = (timedelta(days=1), timedelta(hours=1))


class BrokenLife(NamedTuple):
    """A life that breaks a policy, as it was lived."""

    life: Life
    living: Living
    watched: Watch
    broken: Broken


@dataclass
class Shrinker:
    """Shortens the lives that break one policy."""

    policy: Policy
    playbook: str
    library: PlaybookLibrary
    trials: int = 0

    def shortest(self, life: Life) -> BrokenLife | None:
        """The shortest life that was found by leaving out; None when the life breaks nothing."""
        best = self._try(life)
        while best is not None and self.trials < MOST_TRIALS:
            shorter = self._one_way_round(best)
            if shorter.life == best.life:
                break
            best = shorter
        return best

    def _one_way_round(self, best: BrokenLife) -> BrokenLife:
        best = self._cut_off(best)
        for shorter in (_without_moves, _simpler_openings, _shorter_waits, _simpler_facts):
            best = self._as_long_as_it_helps(best, shorter)
        return best

    def _as_long_as_it_helps(self, best: BrokenLife, shorter: Callable[[Life], Iterator[Life]]) -> BrokenLife:
        found = True
        while found and self.trials < MOST_TRIALS:
            found = False
            for life in shorter(best.life):
                if (tried := self._try(life)) is not None:
                    best, found = self._cut_off(tried), True
                    break
        return best

    def _cut_off(self, best: BrokenLife) -> BrokenLife:
        """Leave out what comes after the policy is broken."""
        told = [one for one in best.living.told if one.after_entry < best.broken.number]
        moves: list[Move] = []
        before = best.life.opening.at
        for one in told:
            moves.append(replace(one.move, after=one.at - before))
            before = one.at
        shorter = Life(best.life.opening, tuple(moves), max(best.broken.at - before, _NO_TIME) + _MINUTE)
        return (self._try(shorter) if shorter != best.life else None) or best

    def _try(self, life: Life) -> BrokenLife | None:
        self.trials += 1
        try:
            living = live(replace(life, rest=life.rest + _SLACK), self.playbook, self.library)
        except EndlessPlaybook:
            return None  # this one goes round in a circle, which is another story
        watched = watch(living.deal, [self.policy])
        broken = watched.trackers[0].broken
        return BrokenLife(life, living, watched, broken) if broken is not None else None


def _without_moves(life: Life) -> Iterator[Life]:
    """Without half of its moves, a quarter …, one; at the same times, or without the time before what is left out."""
    size = max(len(life.moves) // 2, 1)
    while life.moves:
        for begin in range(0, len(life.moves), size):
            kept, gone = [*life.moves[:begin], *life.moves[begin + size :]], life.moves[begin : begin + size]
            time = sum((move.after for move in gone), _NO_TIME)
            if begin < len(kept):
                later = [*kept]
                later[begin] = replace(kept[begin], after=kept[begin].after + time)
                yield replace(life, moves=tuple(later))
                yield replace(life, moves=tuple(kept))
            else:
                yield replace(life, moves=tuple(kept), rest=life.rest + time)
        if size == 1:
            return
        size //= 2


def _shorter_waits(life: Life) -> Iterator[Life]:
    for index, move in enumerate(life.moves):
        for after in _shorter(move.after):
            yield replace(life, moves=(*life.moves[:index], replace(move, after=after), *life.moves[index + 1 :]))


def _shorter(time: timedelta) -> Iterator[timedelta]:
    """No time, whole days and hours, the half."""
    if not time:
        return
    yield _NO_TIME
    for unit in _STEPS:
        if time > unit:
            yield from (whole for whole in (unit, time // 2 // unit * unit, time // unit * unit) if whole < time)


def _simpler_openings(life: Life) -> Iterator[Life]:
    deal = life.opening.deal
    plain = Contact(id="c0", name="Contact 0", email="c0@buyer.example", timezone="UTC")
    changes: tuple[dict[str, object], ...] = (
        {"contacts": (plain,), "owners": None, "account": None, "score": None, "amount": None, "fields": None},
        {"contacts": (plain,)}, {"contacts": deal.contacts[:1] if deal.contacts else None}, {"owners": None},
        {"account": None}, {"score": None}, {"amount": None}, {"fields": None},
    )  # fmt: skip
    fewer = [_without(deal.contacts or (), number) for number in range(len(deal.contacts or ()))]
    changes += tuple({"contacts": left} for left in fewer if left)
    for change in changes:
        simpler = deal.model_copy(update=change)
        if _plainness(simpler) < _plainness(deal):
            yield replace(life, opening=Opening(life.opening.at, simpler))
    if life.opening.at != A_MONDAY:
        yield replace(life, opening=Opening(A_MONDAY, deal))


def _without(contacts: tuple[Contact, ...], number: int) -> tuple[Contact, ...]:
    return (*contacts[:number], *contacts[number + 1 :])


def _plainness(deal: Deal) -> int:
    """How much is said of a deal."""
    return len(deal.model_dump_json(exclude_none=True))


def _simpler_facts(life: Life) -> Iterator[Life]:
    for index, move in enumerate(life.moves):
        if not isinstance(move.action, Fact):
            continue
        for key in move.action.payload:
            fewer = {name: value for name, value in move.action.payload.items() if name != key}
            simpler = replace(move, action=Fact(move.action.name, fewer))
            yield replace(life, moves=(*life.moves[:index], simpler, *life.moves[index + 1 :]))
