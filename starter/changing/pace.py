"""Work on many deals at a bounded rate."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import NamedTuple, TypeVar

import typer

T = TypeVar("T")
R = TypeVar("R")
_RATE = re.compile(r"(\d+)/(s|m|min|h)")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600}
_AT_ONCE = 16
"""So many are under way at the most, however slowly they are answered."""


class Rate(NamedTuple):
    """How many in how many seconds (wall clock)."""

    most: int
    seconds: int

    @property
    def apart(self) -> float:
        """Seconds between the beginnings of two."""
        return self.seconds / self.most

    def __str__(self) -> str:
        unit = next(name for name, seconds in _SECONDS.items() if seconds == self.seconds)
        return f"{self.most}/{unit}"


def read_rate(text: str) -> Rate:
    """A rate as people write it: ``10/s``, ``600/m``.

    Raises:
        BadParameter: it is none.
    """
    found = _RATE.fullmatch(text.replace(" ", ""))
    if found is None or not int(found[1]):
        raise typer.BadParameter(f"{text!r} is no rate: write 10/s, 600/m or 5000/h")
    return Rate(int(found[1]), _SECONDS[found[2]])


async def at_a_rate(items: Iterable[T], rate: Rate, work: Callable[[T], Awaitable[R]]) -> AsyncGenerator[R, None]:
    """Begin the work on each item, in order, no faster than the rate; gives what becomes of each as it is done.

    When whoever asks stops asking, what is under way is broken off, and nothing more is begun.
    """
    done: asyncio.Queue[R | BaseException] = asyncio.Queue()
    room = asyncio.Semaphore(_AT_ONCE)
    listed = list(items)

    async def one(item: T) -> None:
        try:
            done.put_nowait(await work(item))
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            done.put_nowait(error)
        finally:
            room.release()

    async def all_of_them() -> None:
        clock = asyncio.get_running_loop().time
        next_at = clock()
        async with asyncio.TaskGroup() as group:
            for item in listed:
                await room.acquire()
                await asyncio.sleep(max(next_at - clock(), 0))
                next_at = max(next_at + rate.apart, clock())
                group.create_task(one(item))

    beginning = asyncio.create_task(all_of_them())
    try:
        for _ in listed:
            result = await done.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        beginning.cancel()
        await asyncio.gather(beginning, return_exceptions=True)
