"""Two workers at once share many deals out: everybody gets what is due to them, and nobody more than they can take.

``DEALWRIGHT_CHOICES`` says how many; 100 by default.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from datetime import timedelta

from store import assignments, people_away
from store.database import Store
from tests.store import routing_at_size as sized
from tests.store.samples import NOW

CHOICES = int(os.environ.get("DEALWRIGHT_CHOICES", "100"))
WORKERS = 2


async def test_many_choices_by_two_workers_are_fair_and_the_same_when_made_again(
    store: Store, database_url: str
) -> None:
    half = sized.at(CHOICES // 2)
    person = f"{sized.AWAY}@seller.example"
    await people_away.say_away(store, person, NOW - timedelta(hours=1), half, by="boss", now=NOW)
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.store.routing_at_size", database_url, str(CHOICES), str(first), str(WORKERS),
            stdout=asyncio.subprocess.PIPE,
        )
        for first in range(WORKERS)
    ]  # fmt: skip

    otherwise = [int((await worker.communicate())[0]) for worker in workers]

    assert otherwise == [0] * WORKERS
    got, due = Counter[str](), dict.fromkeys(sized.WEIGHTS, 0.0)
    for number in range(CHOICES):
        chosen = await assignments.find(store, sized.open_choice(number).effect.id)
        assert chosen is not None
        able = sized.able(number, CHOICES)
        name = chosen.person.partition("@")[0]
        assert name in able, (number, name)
        got[name] += 1
        for one, weight in able.items():
            due[one] += weight / sum(able.values())
    for name, fair in due.items():
        assert abs(got[name] - fair) <= max(0.02 * fair, 2), (got, due)
    async with store.reading() as connection:
        assert await assignments.loads(connection) == {
            **{f"{name}@seller.example": count for name, count in got.items()},
            **{f"{name}@seller.example": room for name, room in sized.ROOM.items()},
        }
