"""A worker of its own that chooses for twenty deals of a pool: ``python -m tests.store.choosing URL FIRST``."""

from __future__ import annotations

import asyncio
import sys

from store import assignments
from store.database import Store
from tests.store.samples import NOW
from tests.store.test_assignments import choice, member


async def work(url: str, first: int) -> None:
    """Choose for every second deal, and print whom."""
    store = Store.open(url)
    for number in range(first, 40, 2):
        wanted = choice(f"deal-{number}", member("ana", weight=3, capacity=30), member("ben", capacity=30))
        async with store.writing() as connection:
            await assignments.choose(store, connection, wanted, NOW)
        made = await assignments.find(store, wanted.effect.id)
        print(made.person.partition("@")[0] if made else "nobody")  # noqa: T201 - to the test that started it
    await store.close()


asyncio.run(work(sys.argv[1], int(sys.argv[2])))
