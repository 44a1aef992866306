"""Tasks by which people reach contacts, on their lists in Apollo: made once, and resolved.

Apollo makes a task as often as it is asked to (https://docs.apollo.io/reference/create-a-task), and finds none by what
it says. So a task's note ends with a mark, and after a call without an answer the team's tasks are listed, those due
last first, down to the day on which this one is due.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, JsonValue, TypeAdapter

from dealwright.effects import CloseTask, CreateTask
from integrations.apollo.client import PAGE, ApolloClient
from integrations.apollo.contacts import ApolloContacts, values_of
from integrations.apollo.done_tasks import deal_ref
from integrations.apollo.records import Task
from integrations.apollo.settings import SOURCE, ApolloConnection
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part, Unsure
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.own_tasks import KIND, Asked, OwnTask, OwnTasks, mark_of
from integrations.kit.tool import Connected
from store import links
from store.database import Store

_VISIBLE_AFTER = timedelta(seconds=60)
"""Apollo lists tasks from an index that it brings up to date later, and does not say when."""
_TYPES = {"call": "call"}
"""What Apollo calls a task by the channel that it is for; every other one is an action item."""
_DUE_MAY_DIFFER = timedelta(days=1)
"""Apollo may keep the day alone on which a task is due."""
_MOST_PAGES = 50
_MOMENT = TypeAdapter[datetime](AwareDatetime)


def apollo_tasks(connected: Connected) -> ApolloTasks:
    """The tasks of an installation that is connected to Apollo."""
    return ApolloTasks(connected.block(ApolloConnection), connected.store)


class ApolloTasks:
    """Tasks of one team."""

    def __init__(self, connection: ApolloConnection, store: Store) -> None:
        self._connection, self._store, self._client = connection, store, ApolloClient(connection, store)
        self._own, self._contacts = OwnTasks(store, SOURCE), ApolloContacts(self._client, store)

    async def create_task(self, deal_id: str, effect: CreateTask) -> Delivery:
        """A task on its owner's list, about the contact: Apollo has no task about nobody."""
        address = effect.reaches.email if effect.reaches else None
        if not address:
            raise Refused("a task in Apollo is about a contact with an e-mail address, and this one has none")
        if (owner := self._connection.user_of(effect.owner) or self._connection.task_owner) is None:
            whose = effect.owner.email if effect.owner else f"the {effect.role}"
            raise NotHandedOver(f"no user is known for {whose}: add them to owners, or a task_owner, in the connection")

        async def send() -> str:
            asked = await self._own.asked(effect.task)
            about = asked.about if asked is not None else {}
            made = await self._client.create_task(
                {**_values(effect), "user_id": owner, "contact_id": about.get("contact")}
            )
            return _reference(made)

        async def find() -> Lookup:
            asked = await self._own.asked(effect.task)
            return Absent() if asked is None else await self._look_for(effect.task, asked)

        async def arrived(reference: str | None) -> None:
            if reference is not None:
                id_ = reference.rpartition(":")[2]
                await links.link(self._store, SOURCE, deal_ref(deal_id), deal_id)
                await self._own.arrived(id_, OwnTask(effect.task, deal_id))

        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER, arrived=arrived,
            before=self._before(effect, address),
        )  # fmt: skip

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> Delivery:  # noqa: ARG002 - the port's
        """A task that is completed, or skipped where nobody wants it any more. Apollo deletes none."""
        id_ = await self._id_of(effect.task)
        if id_ is None or await self._is_off(id_):
            return _nothing_to_do()

        async def send() -> str:
            await self._own.closing(id_)
            try:
                await (self._client.skip_task if effect.how == "cancelled" else self._client.complete_task)(id_)
            except Refused:
                if not await self._is_off(id_):  # else somebody has resolved it in this moment
                    raise
            return f"{SOURCE}:{KIND}:{id_}"

        async def find() -> Lookup:
            return Found(f"{SOURCE}:{KIND}:{id_}") if await self._is_off(id_) else Absent()

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _before(self, effect: CreateTask, address: str) -> tuple[Part, ...]:
        """The contact, if an installation wants them saved; and it is noted what is asked for."""

        async def ask() -> None:
            if (contact := await self._contacts.now(address)) is None:
                whom = effect.reaches.name if effect.reaches else address
                remedy = "save them there, or set create_contacts: true in the connection"
                raise Refused(f"Apollo has no contact with the address of {whom}: {remedy}")
            await self._own.ask(effect.task, {"contact": contact.id, "due": effect.due_at.isoformat()})

        noted = Part(name="asked", delivery=Delivery(send=ask, idempotency=Idempotency.VENDOR))
        if effect.reaches is None or not self._connection.create_contacts:
            return (noted,)
        return self._contacts.part(address, values_of(effect.reaches, address, None)), noted

    async def _id_of(self, task: str) -> str | None:
        """The id of a task that Apollo was asked for, if it has it."""
        if (asked := await self._own.asked(task)) is None:
            return None
        if asked.became is not None:
            return asked.became
        match await self._look_for(task, asked):
            case Found(reference):
                return (reference or "").rpartition(":")[2]
            case Unsure(reason):
                raise NotHandedOver(reason)
            case Absent():
                return None

    async def _look_for(self, task: str, asked: Asked) -> Lookup:
        """The task with our mark, among those that are due as late."""
        due, mark = _MOMENT.validate_python(asked.about["due"]), mark_of(task)
        for page in range(1, _MOST_PAGES + 1):
            found = await self._client.tasks_due_last(page)
            if (there := next((one for one in found if mark in one.text), None)) is not None:
                return Found(_reference(there))
            last = next((one.due_at for one in reversed(found) if one.due_at is not None), due)
            if len(found) < PAGE or last < due - _DUE_MAY_DIFFER:
                return Absent()
        return Unsure(f"Apollo has more than {_MOST_PAGES * PAGE} tasks that are due later: look whether it is there")

    async def _is_off(self, id_: str) -> bool:
        now = await self._client.task(id_)
        return now is None or not now.is_open


def _values(effect: CreateTask) -> dict[str, JsonValue]:
    due = effect.due_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    note = "\n\n".join(filter(None, (effect.detail, mark_of(effect.task))))
    return {
        "type": _TYPES.get(effect.channel or "", "action_item"), "status": "scheduled", "priority": "medium",
        "due_at": due, "title": effect.title, "note": note,
    }  # fmt: skip


def _reference(task: Task) -> str:
    return f"{SOURCE}:{KIND}:{task.id}"


def _nothing_to_do() -> Delivery:
    async def send() -> None:
        return None

    return Delivery(send=send, idempotency=Idempotency.VENDOR)
