"""What becomes of the tasks that deals have on lists in Apollo: read in turn, as it tells of none."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from dealwright.client.checked_fact import CheckedFact
from dealwright.facts import FACTS
from dealwright.validation.reading import read_fields
from integrations.apollo.client import ApolloClient
from integrations.apollo.records import Task
from integrations.apollo.settings import SOURCE, ApolloConnection
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.own_tasks import OwnTask, OwnTasks
from integrations.kit.polling import Seen
from store import links, mirror
from store.database import Store
from store.intake import Event

log = logging.getLogger(__name__)

KIND = "task"
"""Of the links that say which tasks are read. Each goes once its task is resolved."""
_WHOSE = "tasks_of"
"""Of the links by which what is read reaches the deal."""
AT_ONCE = 20
"""Tasks of one poll, each a call: 240 an hour, of the 400 that Apollo takes."""
_TOLD = "told"


@dataclass
class Done:
    """What reading some tasks has found."""

    last: str
    """The last one that was read; empty at the end of the round."""
    events: list[Event] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)


class DoneTasks:
    """The tasks of one team that are deals' own."""

    def __init__(self, client: ApolloClient, connection: ApolloConnection, store: Store) -> None:
        self._client, self._store, self._words = client, store, connection.outcome_words
        self._own = OwnTasks(store, SOURCE)

    async def behind(self, last: str, now: datetime) -> Done:
        """What became of the next tasks behind one. Where Apollo does not answer, it is gone on there the next time.

        Raises:
            StoreAway: the database does not answer.
        """
        found = await links.objects_after(self._store, SOURCE, KIND, last, limit=AT_ONCE)
        done = Done(last)
        for id_ in found:
            try:
                await self._read(id_, done, now)
            except Refused as refused:  # it keeps no other one from being read
                log.warning("task %s cannot be read: %s", id_, refused.reason)
            except (NotHandedOver, Unanswered) as error:
                log.warning("tasks cannot be read now: %s", error.reason)
                return done
            done.last = id_
        if len(found) < AT_ONCE:
            done.last = ""
        return done

    async def _read(self, id_: str, done: Done, now: datetime) -> None:
        own = await self._own.of(id_)
        is_told = _TOLD in await mirror.known(self._store, SOURCE, f"{KIND}:{id_}")
        task = await self._client.task(id_) if own is not None and not own.closed and not is_told else None
        if own is None or task is None:  # told, closed by us, or deleted there
            await links.unlink(self._store, SOURCE, f"{KIND}:{id_}")
        elif not task.is_open:
            done.events.append(self._event(task, own, now))
            done.seen.append(Seen(object_id=f"{KIND}:{id_}", values={_TOLD: True}, at=now))

    def _event(self, task: Task, own: OwnTask, now: datetime) -> Event:
        """That somebody has completed or skipped it, with its outcome where the note says one."""
        is_skipped = task.status == "skipped"
        outcome = "skipped" if is_skipped else self._words.in_note(task.text)
        known: dict[str, JsonValue] = {
            "outcome": outcome, "result": "skipped in Apollo" if is_skipped else None,
            "at": at.isoformat() if (at := task.completed_at or task.skipped_at) is not None else None,
        }  # fmt: skip
        said = {name: value for name, value in known.items() if value is not None}
        id_ = f"{KIND}-{task.id}-{task.status}"
        given = {"source": SOURCE, "id": f"{SOURCE}:{id_}", "task": own.task, **said}
        checked = CheckedFact.of(read_fields(FACTS["crm_task_completed"], given))
        return Event(
            source=SOURCE, event_id=id_, deal_ref=deal_ref(own.deal), fact="crm_task_completed",
            payload=dict(checked.payload), received_at=now,
        )  # fmt: skip


def deal_ref(deal_id: str) -> str:
    """The object that the tasks of a deal are told about, which is linked to it."""
    return f"{_WHOSE}:{deal_id}"
