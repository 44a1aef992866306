"""Open tasks of deals on lists of other tools, asked for in turn, each by its id: what became of them, and who is gone.

A task is gone if the tool says so of that one. A list that lacks it, or an answer that failed, says nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import JsonValue

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.own_tasks import KIND, OwnTask, OwnTasks
from integrations.kit.polling import Seen
from store import links, mirror
from store.database import Store
from store.intake import Event

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Tasks of one poll, each a call: with a poll in five minutes 240 an hour, of the 400 that Apollo takes."""
_SHOWN_BY = timedelta(minutes=10)
"""Until a task is as old, that it is not there may only mean that the tool does not show it yet."""
_TOLD = "told"


@dataclass(frozen=True)
class Looked:
    """How a task stands that is there."""

    is_open: bool
    events: Sequence[Event] = ()
    """What became of it; also what was told before."""


class TaskReader(Protocol):
    """What one tool says of a task."""

    async def look(self, id_: str, own: OwnTask, now: datetime) -> Looked | None:
        """How a task stands; None where the tool says that it has no such task.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read now, or never.
            StoreAway: the database does not answer.
        """

    def gone(self, id_: str, own: OwnTask, now: datetime) -> Sequence[Event]:
        """That somebody has deleted it, as events (``how_it_is_gone``)."""


@dataclass
class Round:
    """What reading some tasks has found."""

    last: str
    """The last one that was read; empty at the end of the round."""
    events: list[Event] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)


class OpenTasks:
    """The tasks of one tool that deals asked for and that nobody has resolved, as far as is known."""

    def __init__(self, store: Store, source: str, reader: TaskReader) -> None:
        self._store, self._source, self._reader, self._own = store, source, reader, OwnTasks(store, source)

    async def behind(self, last: str, now: datetime) -> Round:
        """What became of the next tasks behind one. Where the tool does not answer, it goes on there the next time.

        Raises:
            StoreAway: the database does not answer.
        """
        found = await links.objects_after(self._store, self._source, KIND, last, limit=AT_ONCE)
        done = Round(last)
        for id_ in found:
            try:
                await self._read(id_, done, now)
            except Refused as refused:  # it keeps no other one from being read
                log.warning("task %s of %s cannot be read: %s", id_, self._source, refused.reason)
            except (NotHandedOver, Unanswered) as error:
                log.warning("tasks of %s cannot be read now: %s", self._source, error.reason)
                return done
            done.last = id_
        if len(found) < AT_ONCE:
            done.last = ""
        return done

    async def _read(self, id_: str, done: Round, now: datetime) -> None:
        own = await self._own.of(id_)
        if own is None or own.closed or _TOLD in await mirror.known(self._store, self._source, f"{KIND}:{id_}"):
            await links.unlink(self._store, self._source, f"{KIND}:{id_}")
            return
        looked = await self._reader.look(id_, own, now)
        if looked is None and (own.since is None or now - own.since > _SHOWN_BY):
            looked = Looked(is_open=False, events=self._reader.gone(id_, own, now))
        if looked is not None and not looked.is_open:
            done.events += looked.events
            done.seen.append(Seen(object_id=f"{KIND}:{id_}", values={_TOLD: True}, at=now))


def how_it_is_gone(title: str) -> dict[str, JsonValue]:
    """How a task ended that somebody has deleted: nobody will do it, as with one that is skipped."""
    return {"outcome": "skipped", "result": f"deleted in {title}"}
