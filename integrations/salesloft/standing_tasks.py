"""What becomes of a task that a deal has on a list in Salesloft, asked for by its id."""

from __future__ import annotations

from datetime import datetime

from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.open_tasks import Looked
from integrations.kit.own_tasks import OwnTask
from integrations.salesloft.changes import of_gone_task
from integrations.salesloft.client import SalesloftClient
from integrations.salesloft.reading import Reader, events_of
from store.database import Store
from store.intake import Event


class StandingTasks:
    """The tasks of one team that are deals' own."""

    def __init__(self, client: SalesloftClient, reader: Reader, store: Store, source: Source) -> None:
        self._client, self._reader, self._store, self._source = client, reader, store, source

    async def look(self, id_: str, own: OwnTask, now: datetime) -> Looked | None:  # noqa: ARG002 - the round's
        """Whether somebody has completed it; None where Salesloft says that it is not there.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        if (task := await self._client.task(id_)) is None:
            return None
        changes = (await self._reader.read(task, now)).changes
        return Looked(not task.is_done, await events_of(self._store, self._source, changes, now))

    def gone(self, id_: str, own: OwnTask, now: datetime) -> list[Event]:
        """That somebody has deleted it."""
        return events_from(self._source, [of_gone_task(id_, own, now).model_dump(mode="json", exclude_none=True)], now)
