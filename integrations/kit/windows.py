"""Reading what changed in a stretch of time, page by page, of tools whose lists know a time and a place in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

OVERLAP = timedelta(minutes=5)
"""How much of the last stretch is read again: what changed in one moment may show one after another."""
_T = TypeVar("_T")


class Window(BaseModel):
    """The stretch of time that is being read, and where in its list."""

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime
    until: AwareDatetime
    start: int = 0
    """How many of the list were read."""

    @classmethod
    def next_after(cls, cursor: str, now: datetime) -> Self:
        """The stretch that a cursor says is under way, else the next one. What is no cursor begins with the overlap."""
        try:
            last = cls.model_validate_json(cursor)
        except ValidationError:
            last = cls(since=now, until=now)
        return last if last.start else cls(since=last.until - OVERLAP, until=now)


@dataclass(frozen=True, kw_only=True)
class WindowPage(Generic[_T]):
    """One page of a stretch of time."""

    since: datetime
    """Since when the stretch is."""
    found: Sequence[_T]
    cursor: str
    more: bool


async def read_window(
    cursor: str | None, now: datetime, page: int, listed: Callable[[Window], Awaitable[Sequence[_T]]]
) -> WindowPage[_T]:
    """The next page, and where to go on. Without a cursor nothing is read: what was there before is no news.

    ``listed`` gives the ``page`` entries of a stretch that come after its ``start``; fewer are its last ones.

    Raises:
        NotHandedOver, Refused, Unanswered: as ``listed`` does.
    """
    if cursor is None:
        begun = Window(since=now, until=now)
        return WindowPage(since=now, found=(), cursor=begun.model_dump_json(), more=False)
    window = Window.next_after(cursor, now)
    found = await listed(window)
    more = len(found) >= page
    left = window.model_copy(update={"start": window.start + len(found) if more else 0})
    return WindowPage(since=window.since, found=found, cursor=left.model_dump_json(), more=more)
