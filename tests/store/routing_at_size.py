"""Choices of a pool at size, each with its own territories, hours and absences: what is chosen, and what was due.

``python -m tests.store.routing_at_size URL CHOICES FIRST STEP`` is a worker of its own that makes every STEP-th choice
from FIRST on, some of them twice, and prints how many of these were not the same again.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from dealwright.candidates import Candidate
from store import assignments
from store.assignments import Choice
from store.database import Store
from tests.store.samples import NOW
from tests.store.test_assignments import choice, member

WEIGHTS = {"ana": 3, "ben": 2, "cyd": 1, "dan": 4}
AWAY = "cyd"
"""Who is away in the first half."""
ROOM = {"eve": 7, "fay": 11}
"""The pool that is soon full: who is in it, and how many deals each of them can have."""
_LATER = timedelta(hours=8)


def at(number: int) -> datetime:
    """When a choice is made."""
    return NOW + timedelta(seconds=number)


def open_choice(number: int) -> Choice:
    """A choice among those whose territory and hours are as it happens, with nobody ever full."""
    return choice(f"deal-{number}", *_members(number), pool="open")


def tight_choice(number: int) -> Choice:
    """A choice among those of the pool that is soon full."""
    members = [member(name, capacity=room) for name, room in ROOM.items()]
    return choice(f"tight-{number}", *members, pool="tight", waits=False)


def _members(number: int) -> Iterator[Candidate]:
    random = Random(number)
    here = {name for name in WEIGHTS if random.random() < 0.7}
    here = here if here - {AWAY} else {*WEIGHTS}  # somebody is always there
    at_work = {name for name in WEIGHTS if random.random() < 0.8}
    for name, weight in WEIGHTS.items():
        begins = at(number) if name in at_work else at(number) + _LATER
        yield member(name, weight=weight, fits=name in here, at_work_from=begins)


def able(number: int, choices: int) -> dict[str, int]:
    """Who can take it, with their weights, reckoned apart from the code that is tested."""
    there = [
        (one.at_work_from, one.person.name.lower())
        for one in _members(number)
        if one.fits and not (one.person.name.lower() == AWAY and number < choices // 2)
    ]
    return {name: WEIGHTS[name] for begins, name in there if begins == min(there)[0]}


async def work(url: str, choices: int, first: int, step: int) -> None:
    """Make every choice that is this worker's, and one in five twice."""
    store, otherwise = Store.open(url), 0
    for number in range(first, choices, step):
        for wanted in (open_choice(number), tight_choice(number)) if number < 40 else (open_choice(number),):
            await _choose(store, wanted, at(number))
            if number % 5 == 0:
                before = await assignments.find(store, wanted.effect.id)
                await _choose(store, wanted, at(choices))
                otherwise += await assignments.find(store, wanted.effect.id) != before
    await store.close()
    print(otherwise)  # noqa: T201 - to the test that started it


async def _choose(store: Store, wanted: Choice, when: datetime) -> None:
    async with store.writing() as connection:
        await assignments.choose(store, connection, wanted, when)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], *map(int, sys.argv[2:])))
