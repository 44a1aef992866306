"""What a task of Outreach's tells: that somebody has done what a deal asked for, and how it ended."""

from __future__ import annotations

from datetime import UTC

from integrations.kit.own_tasks import OwnTasks
from integrations.outreach.client import OutreachClient
from integrations.outreach.happenings import Item
from integrations.outreach.records import Task
from integrations.outreach.settings import SOURCE, OutreachConnection
from store.database import Store


class DoneTasks:
    """Puts completed tasks into the form that the mapping file reads."""

    def __init__(self, client: OutreachClient, connection: OutreachConnection, store: Store) -> None:
        self._client, self._connection, self._own = client, connection, OwnTasks(store, SOURCE)

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
