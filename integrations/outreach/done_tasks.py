"""What a task of Outreach's tells: that somebody has done what a deal asked for, and how it ended."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.kit.mapping.events import events_after_fetch, events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.open_tasks import Looked, how_it_is_gone
from integrations.kit.own_tasks import OwnTask, OwnTasks
from integrations.outreach.client import OutreachClient
from integrations.outreach.happenings import Item
from integrations.outreach.records import Task
from integrations.outreach.settings import SOURCE, OutreachConnection
from store.database import Store
from store.intake import Event


class DoneTasks:
    """Puts completed tasks into the form that the mapping file reads, and has it read."""

    def __init__(self, client: OutreachClient, connection: OutreachConnection, store: Store) -> None:
        self._client, self._connection, self._own = client, connection, OwnTasks(store, SOURCE)
        self._source = shipped_mapping(SOURCE).with_settings(connection.settings, connection.tables)

    async def look(self, id_: str, own: OwnTask, now: datetime) -> Looked | None:  # noqa: ARG002 - the round's
        """How a task stands; None where Outreach says that it is not there.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read.
            StoreAway: the database does not answer.
        """
        task = await self._client.task(id_)
        if task is None:
            return None
        return Looked(not task.attributes.is_done, self.events(id_, await self.of_record(task), now))

    def gone(self, id_: str, own: OwnTask, now: datetime) -> list[Event]:
        """That somebody has deleted it."""
        gone: Item = {"id": f"task-{id_}-gone", "happened": "completed", "deal": own.deal, "task": own.task}
        return self.events(id_, [{**gone, **how_it_is_gone("Outreach")}], now)

    def events(self, id_: str, items: list[Item], now: datetime) -> list[Event]:
        """The events of a task's items, as those of a webhook that hinted at it."""
        if not items:
            return []
        (hint,) = events_from(self._source, {"data": {"type": "task", "id": id_}}, now)
        read: list[JsonValue] = [*items]
        return events_after_fetch(self._source, hint, read)

    async def of(self, id_: str) -> list[Item]:
        """What the task with an id tells. One that is no deal's costs no call.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read.
            StoreAway: the database does not answer.
        """
        if await self._own.of(id_) is None or (task := await self._client.task(id_)) is None:
            return []
        return await self.of_record(task)

    async def of_record(self, task: Task) -> list[Item]:
        """What a task tells, once somebody has completed it.

        Raises:
            NotHandedOver, Refused, Unanswered: how its call ended cannot be read.
            StoreAway: the database does not answer.
        """
        own = await self._own.of(task.key)
        if own is None or not task.attributes.is_done:
            return []
        values, outcome = task.attributes, None if own.closed else await self._outcome(task)
        at = values.completed_at or values.state_changed_at or values.updated_at
        when: Item = {} if at is None else {"at": at.astimezone(UTC).isoformat()}
        how: Item = {} if outcome is None else {"outcome": outcome}
        id_ = "-".join(filter(None, (f"task-{task.key}-completed", outcome)))  # of one id there is one content
        happened = "own" if own.closed else "completed"
        return [{"id": id_, "happened": happened, "deal": own.deal, "task": own.task, **when, **how}]

    async def _outcome(self, task: Task) -> str | None:
        """How it ended, as its note says it, or the disposition of its call."""
        words, call = self._connection.outcome_words, task.related("call")
        if (said := words.in_note(task.attributes.note)) is not None:
            return said
        return words.ours(await self._client.disposition_of(call)) if call is not None and words.theirs else None
