"""Tasks by which people reach contacts, on their lists in Outreach: made once, and taken off.

Outreach takes no key of ours (https://developers.outreach.io/api/reference/tasks). So a task's note ends with a mark,
and after a call without an answer the tasks of its prospect, or of its owner, are looked through that changed since.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from dealwright.effects import CloseTask, CreateTask
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.own_tasks import OwnTask, OwnTasks, mark_of
from integrations.kit.tool import Connected
from integrations.outreach.client import OutreachClient
from integrations.outreach.done_tasks import DoneTasks
from integrations.outreach.prospects import VISIBLE_AFTER, attributes_of, prospect_part
from integrations.outreach.records import Task
from integrations.outreach.settings import SOURCE, OutreachConnection
from store import intake
from store.database import Store

_ACTIONS = {"call": "call"}
"""What Outreach calls a task by the channel that it is for; every other one is an action item."""
_CLOCKS_DIFFER = timedelta(minutes=10)


def outreach_tasks(connected: Connected) -> OutreachTasks:
    """The tasks of an installation that is connected to Outreach."""
    return OutreachTasks(connected.block(OutreachConnection), connected.store)


class OutreachTasks:
    """Tasks of one organization."""

    def __init__(self, connection: OutreachConnection, store: Store) -> None:
        self._connection, self._store, self._client = connection, store, OutreachClient(connection, store)
        self._own, self._done = OwnTasks(store, SOURCE), DoneTasks(self._client, connection, store)

    async def create_task(self, deal_id: str, effect: CreateTask) -> Delivery:
        """A task on its owner's list, about the prospect with the contact's address, if Outreach has them."""
        if (owner := self._connection.user_of(effect.owner) or self._connection.task_owner) is None:
            whose = effect.owner.email if effect.owner else f"the {effect.role}"
            raise NotHandedOver(f"no user is known for {whose}: add them to owners, or a task_owner, in the connection")

        async def send() -> str:
            asked = await self._own.asked(effect.task)
            prospect = asked.about.get("prospect") if asked is not None else None
            made = await self._client.create_task(
                _attributes(effect), owner, prospect if isinstance(prospect, str) else None
            )
            return _reference(made)

        async def find() -> Lookup:
            there = await self._there(effect.task)
            return Absent() if there is None else Found(_reference(there))

        async def arrived(reference: str | None) -> None:
            if reference is not None:
                id_ = reference.rpartition(":")[2]
                await self._own.arrived(id_, OwnTask(effect.task, deal_id))
                await self._look_whether_it_is_done(id_)

        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=VISIBLE_AFTER, arrived=arrived,
            before=self._before(effect, owner),
        )  # fmt: skip

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> Delivery:  # noqa: ARG002 - the port's
        """A task that is completed, or taken away where nobody wants it any more."""
        there = await self._there(effect.task)
        if there is None or there.attributes.is_done:
            return _nothing_to_do()
        id_ = there.key

        async def is_off() -> bool:
            now = await self._client.task(id_)
            return now is None or now.attributes.is_done

        async def send() -> str:
            await self._own.closing(id_)
            try:
                await (self._client.delete_task if effect.how == "cancelled" else self._client.complete_task)(id_)
            except Refused:
                if not await is_off():  # else somebody has done it in this moment
                    raise
            return _reference(there)

        async def find() -> Lookup:
            return Found(_reference(there)) if await is_off() else Absent()

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _before(self, effect: CreateTask, owner: int) -> tuple[Part, ...]:
        """The prospect, if an installation wants them made; and it is noted where the task is to be looked for."""
        contact, address = effect.reaches, effect.reaches.email if effect.reaches else None

        async def ask() -> None:
            prospect = await self._client.prospect(address) if address else None
            about: dict[str, JsonValue] = {"owner": owner, **({"prospect": prospect.key} if prospect else {})}
            await self._own.ask(effect.task, about)

        noted = Part(name="asked", delivery=Delivery(send=ask, idempotency=Idempotency.VENDOR))
        if contact is None or not address or not self._connection.create_prospects:
            return (noted,)
        values = attributes_of(contact, address, None)
        return prospect_part(self._client, address, values, self._connection.user_of(effect.owner)), noted

    async def _there(self, task: str) -> Task | None:
        """What Outreach has of a task that it was asked for."""
        if (asked := await self._own.asked(task)) is None:
            return None
        if asked.became is not None:
            return await self._client.task(asked.became)
        kind = "prospect" if "prospect" in asked.about else "owner"
        whose = {f"filter[{kind}][id]": str(asked.about[kind])}
        return await self._client.task_saying(mark_of(task), whose, asked.at - _CLOCKS_DIFFER)

    async def _look_whether_it_is_done(self, id_: str) -> None:
        """Whoever completed it before it was noted whose it is was not understood. Reading may tell it too."""
        with suppress(NotHandedOver, Refused, Unanswered):
            if items := await self._done.of(id_):
                await intake.add(self._store, self._done.events(id_, items, datetime.now(UTC)))


def _attributes(effect: CreateTask) -> dict[str, JsonValue]:
    whom = f"{effect.title} ({effect.reaches.name})" if effect.reaches else effect.title
    note = "\n\n".join(filter(None, (whom, effect.detail, mark_of(effect.task))))
    due = effect.due_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"action": _ACTIONS.get(effect.channel or "", "action_item"), "dueAt": due, "note": note}


def _reference(task: Task) -> str:
    return f"{SOURCE}:task:{task.key}"


def _nothing_to_do() -> Delivery:
    async def send() -> None:
        return None

    return Delivery(send=send, idempotency=Idempotency.VENDOR)
