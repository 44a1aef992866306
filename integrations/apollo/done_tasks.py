"""What becomes of a task that a deal has on a list in Apollo: read by its id, as Apollo tells of none."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from dealwright.client.checked_fact import CheckedFact
from dealwright.facts import FACTS
from dealwright.validation.reading import read_fields
from integrations.apollo.client import ApolloClient
from integrations.apollo.records import Task
from integrations.apollo.settings import SOURCE, ApolloConnection
from integrations.kit.open_tasks import Looked, how_it_is_gone
from integrations.kit.own_tasks import KIND, OwnTask
from store.intake import Event

_WHOSE = "tasks_of"
"""Of the links by which what is read reaches the deal."""


class DoneTasks:
    """The tasks of one team that are deals' own."""

    def __init__(self, client: ApolloClient, connection: ApolloConnection) -> None:
        self._client, self._words = client, connection.outcome_words

    async def look(self, id_: str, own: OwnTask, now: datetime) -> Looked | None:
        """Whether somebody has completed or skipped a task, with its outcome where the note says one.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read now, or never.
        """
        if (task := await self._client.task(id_)) is None:
            return None
        return Looked(is_open=True) if task.is_open else Looked(is_open=False, events=[self._resolved(task, own, now)])

    def gone(self, id_: str, own: OwnTask, now: datetime) -> list[Event]:
        """That somebody has deleted it."""
        return [_event(f"{KIND}-{id_}-gone", own, how_it_is_gone("Apollo"), now)]

    def _resolved(self, task: Task, own: OwnTask, now: datetime) -> Event:
        is_skipped = task.status == "skipped"
        outcome = "skipped" if is_skipped else self._words.in_note(task.text)
        known: dict[str, JsonValue] = {
            "outcome": outcome, "result": "skipped in Apollo" if is_skipped else None,
            "at": at.isoformat() if (at := task.completed_at or task.skipped_at) is not None else None,
        }  # fmt: skip
        said: dict[str, JsonValue] = {name: value for name, value in known.items() if value is not None}
        return _event(f"{KIND}-{task.id}-{task.status}", own, said, now)


def _event(id_: str, own: OwnTask, said: dict[str, JsonValue], now: datetime) -> Event:
    given = {"source": SOURCE, "id": f"{SOURCE}:{id_}", "task": own.task, **said}
    checked = CheckedFact.of(read_fields(FACTS["crm_task_completed"], given))
    return Event(
        source=SOURCE, event_id=id_, deal_ref=deal_ref(own.deal), fact="crm_task_completed",
        payload=dict(checked.payload), received_at=now,
    )  # fmt: skip


def deal_ref(deal_id: str) -> str:
    """The object that the tasks of a deal are told about, which is linked to it."""
    return f"{_WHOSE}:{deal_id}"
