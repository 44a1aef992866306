"""Tasks by which people reach contacts, on their lists in Salesloft: made under a key of ours, and completed.

Salesloft takes a key once (``idempotency_key``), and finds a task by it.
https://developers.salesloft.com/docs/api/tasks-create/
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from dealwright.calendar.zones import zone_named
from dealwright.effects import CloseTask, CreateTask
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.own_tasks import OwnTask, OwnTasks
from integrations.kit.tool import Connected
from integrations.salesloft.client import SalesloftClient
from integrations.salesloft.reading import Reader, events_of
from integrations.salesloft.settings import SOURCE, SalesloftConnection
from store import intake
from store.database import Store

_VISIBLE_AFTER = timedelta(seconds=30)
_TYPES = {"call": "call"}
"""What Salesloft calls a task by the channel that it is for; every other one is general."""


def salesloft_tasks(connected: Connected) -> SalesloftTasks:
    """The tasks of an installation that is connected to Salesloft."""
    return SalesloftTasks(connected.block(SalesloftConnection), connected.store)


class SalesloftTasks:
    """Tasks of one team."""

    def __init__(self, connection: SalesloftConnection, store: Store) -> None:
        self._connection, self._store, self._client = connection, store, SalesloftClient(connection, store)
        self._source = shipped_mapping("salesloft").with_settings(connection.settings, connection.tables)
        self._reader, self._own = Reader(store, self._client, connection.dispositions), OwnTasks(store, SOURCE)

    async def create_task(self, deal_id: str, effect: CreateTask) -> Delivery:
        """A task for its owner, about the person with the contact's address, if Salesloft has both."""
        key, body = key_of(effect.task), await self._body(effect)

        async def send() -> str:
            try:
                return _reference((await self._client.create_task(body)).id)
            except Refused:
                if (there := await self._client.task_with(key)) is None:
                    raise
                return _reference(there.id)

        async def find() -> Lookup:
            there = await self._client.task_with(key)
            return Absent() if there is None else Found(_reference(there.id))

        async def arrived(reference: str | None) -> None:
            if reference is not None:
                id_ = reference.rpartition(":")[2]
                await self._own.arrived(id_, OwnTask(effect.task, deal_id))
                await self._look_whether_it_is_done(id_)

        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER, arrived=arrived
        )

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> Delivery:  # noqa: ARG002 - the port's
        """A task that is completed: Salesloft knows no task that is not wanted any more."""
        there = await self._client.task_with(key_of(effect.task))
        if there is None or there.is_done:
            return _nothing_to_do()
        id_ = there.id

        async def is_off() -> bool:
            now = await self._client.task(str(id_))
            return now is None or now.is_done

        async def send() -> str:
            await self._own.closing(str(id_))
            try:
                await self._client.complete_task(id_)
            except Refused:
                if not await is_off():  # else somebody has completed or deleted it in this moment
                    raise
            return _reference(id_)

        async def find() -> Lookup:
            return Found(_reference(id_)) if await is_off() else Absent()

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _body(self, effect: CreateTask) -> dict[str, JsonValue]:
        email = effect.reaches.email if effect.reaches else None
        person = await self._client.person_with(email) if email else None
        user = await self._client.user_of(effect.owner, self._connection.owners)
        whom = "" if user else f"For {effect.owner.name if effect.owner else effect.role}. "
        known: dict[str, JsonValue] = {"person_id": person.id if person else None, "user_id": user}
        more = {name: value for name, value in known.items() if value is not None}
        return {
            "subject": effect.title, "task_type": _TYPES.get(effect.channel or "", "general"),
            "due_date": _day(effect), "description": f"{whom}{effect.detail or ''}".strip(),
            "idempotency_key": key_of(effect.task), **more,
        }  # fmt: skip

    async def _look_whether_it_is_done(self, id_: str) -> None:
        """Whoever completed it before it was noted whose it is was not understood. Reading may tell it too."""
        with suppress(NotHandedOver, Refused, Unanswered):
            if (there := await self._client.task(id_)) is not None and there.is_done:
                now = datetime.now(UTC)
                noticed = await self._reader.read(there, now)
                await intake.add(self._store, await events_of(self._store, self._source, noticed.changes, now))


def key_of(task: str) -> str:
    """Our key of a task, which Salesloft takes once: short, and without what people called the deal."""
    return f"dw-{hashlib.sha256(task.encode()).hexdigest()[:40]}"


def _reference(id_: int) -> str:
    return f"{SOURCE}:task:{id_}"


def _day(effect: CreateTask) -> str:
    """When it is due, on its owner's calendar: Salesloft's tasks have a day."""
    zone = effect.owner.timezone if effect.owner else None
    return effect.due_at.astimezone(zone_named(zone or "UTC")).date().isoformat()


def _nothing_to_do() -> Delivery:
    async def send() -> None:
        return None

    return Delivery(send=send, idempotency=Idempotency.VENDOR)
