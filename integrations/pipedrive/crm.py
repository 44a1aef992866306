"""Pipedrive as the CRM: deals, persons, organizations, activities, notes and call logs.

Nothing here has a unique key. A deal, person or organization of ours is found by a custom field (class ``SEARCHABLE``);
activities, notes and call logs have none, and end with a mark that a list of them shows (class ``MARKER``). What only
changes a record is repeated (class ``VENDOR``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import JsonValue

from dealwright.effects import CloseTask, CreateTask, HandOver, LogActivity, RequestApproval, UpdateCrm
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.tool import Connected
from integrations.pipedrive import values
from integrations.pipedrive.changes import JsonObject
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.deal_record import DealRecords, repeatable
from integrations.pipedrive.marks import TASK, mark_in, mark_of, marked, task_object
from integrations.pipedrive.organizations import Organizations
from integrations.pipedrive.own_writes import own_writes_to, updated_at
from integrations.pipedrive.persons import Persons
from integrations.pipedrive.records import ActivityRecord
from integrations.pipedrive.settings import SOURCE, PipedriveConnection
from integrations.pipedrive.users import Users
from store import mirror
from store.database import Store
from store.errors import StoreAway

_CLOSED = "closed"
Find = Callable[[str], Awaitable[str | None]]
"""Looks for a mark among what a Pipedrive deal has; what was found, with its kind."""


def pipedrive_crm(connected: Connected) -> PipedriveCrm:
    """The CRM of an installation that is connected to Pipedrive."""
    return PipedriveCrm(connected.block(PipedriveConnection), connected.store)


class PipedriveCrm:
    """One Pipedrive company."""

    def __init__(self, connection: PipedriveConnection, store: Store) -> None:
        self._store, self._client = store, PipedriveClient(connection, store)
        self._users = Users(self._client, connection.owners)
        self._deals = DealRecords(self._client, store, connection, self._users)
        self._persons = Persons(self._client, store)
        self._organizations = Organizations(self._client, store, connection.website_field)

    async def create_task(self, deal_id: str, effect: CreateTask) -> Delivery:
        """A task, on the deal and on its owner's list."""
        fields = values.task(effect, await self._users.id_of(effect.owner))
        # Before it is made: whoever completes it at once is heard of.
        await self._remember(task_object(mark_of(effect.task)), {TASK: effect.task})
        delivery = await self._activity(deal_id, effect.id, effect.task, fields)

        async def send() -> str | None:
            made = await delivery.send()
            try:
                await self._close_if_asked(effect.task, made)
            except (NotHandedOver, Refused) as error:  # the task itself is there: it is looked for, and not made again
                raise Unanswered(error.reason) from error
            return made

        async def find() -> Lookup:
            found = await delivery.find() if delivery.find else Absent()
            if isinstance(found, Found):
                await self._close_if_asked(effect.task, found.reference)
            return found

        return replace(delivery, send=send, find=find)

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> Delivery:  # noqa: ARG002 - the port's
        """A task that is done in Pipedrive, or was never there, stays as it is."""

        async def send() -> str | None:
            await self._remember(task_object(mark_of(effect.task)), {_CLOSED: True})
            there = await self._find_activity(deal_id, mark_of(effect.task))
            if there is None:
                return None
            if not there.done:
                why = f"{'Done' if effect.how == 'done' else 'No longer wanted'}: {effect.reason}"
                text = marked("<br>".join(filter(None, (_unmarked(there.note), values.as_html(why)))), effect.task)
                fields: JsonObject = {"done": True, "note": text}
                await self._complete(f"activity:{there.id}", fields)
            return f"activity:{there.id}"

        return repeatable(send)

    async def update_deal(self, deal_id: str, effect: UpdateCrm) -> Delivery:
        """The deal; opened in Pipedrive if it is not there. Contacts and account are put on it."""
        before = list(await self._deals.opened(deal_id, effect.id, effect))
        account = effect.account if effect.writes("account") else None
        if account is not None:
            before.append(await self._organizations.written(account, effect.id))
        for place, contact in enumerate(effect.contacts or ()) if effect.writes("contacts") else ():
            before.append(await self._persons.written(deal_id, contact, place))
        if effect.note:
            noted = await self._note(deal_id, effect.id, values.as_html(effect.note), effect.at)
            before.append(Part(name="note", delivery=replace(noted, before=())))

        async def send() -> str:
            there = await self._deals.require(deal_id)
            fields = await self._deals.fields(effect, there)
            if effect.writes("contacts") and effect.contacts:
                fields |= await self._persons.put_on(there, deal_id, effect.contacts)
            if account is not None:
                fields |= await self._organizations.put_on(account)
            if fields:
                await self._deals.write(there, fields, effect.at)
            return f"deal:{there}"

        return repeatable(send, tuple(before))

    async def log_activity(self, deal_id: str, effect: LogActivity) -> Delivery:
        """A message, call, meeting or note on the deal. What Pipedrive told of is there already."""
        if effect.source == SOURCE:
            return repeatable(_nothing)
        text, number = values.logged_text(effect), effect.contact.phone if effect.contact else None
        if effect.what == "note" or effect.what not in {"email", "call", "meeting"}:
            body = "<br>".join(filter(None, (values.as_html(values.subject(effect)), text)))
            return await self._note(deal_id, effect.id, body, effect.happened_at)
        owner = await self._users.id_of(effect.owner)
        if effect.what == "call" and number:
            mine: dict[str, JsonValue] = {"user_id": owner} if owner else {}
            return await self._call_log(deal_id, effect.id, {**values.call(effect, number), **mine}, text)
        fields: dict[str, JsonValue] = {**values.logged(effect), "note": text}
        return await self._activity(deal_id, effect.id, effect.id, {**fields, **({"owner_id": owner} if owner else {})})

    async def keep_package(self, deal_id: str, effect: HandOver) -> Delivery:
        """A handoff package, as a note on the deal."""
        return await self._note(deal_id, effect.id, values.package(effect), effect.at)

    async def keep_approval_request(self, deal_id: str, effect: RequestApproval) -> Delivery:
        """An approval request, as a note on the deal."""
        return await self._note(deal_id, effect.id, values.approval_request(effect), effect.at)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _activity(self, deal_id: str, effect_id: str, key: str, fields: Mapping[str, JsonValue]) -> Delivery:
        async def send() -> str:
            there = await self._deals.require(deal_id)
            about: dict[str, JsonValue] = {"deal_id": int(there), "note": marked(str(fields.get("note") or ""), key)}
            made = await self._client.create(ActivityRecord, "activities", {**fields, **about})
            return f"activity:{made.id}"

        async def find(mark: str) -> str | None:
            there = await self._find_activity(deal_id, mark)
            return f"activity:{there.id}" if there else None

        return await self._marked(deal_id, effect_id, key, send, find)

    async def _note(self, deal_id: str, key: str, body: str, at: datetime) -> Delivery:
        async def send() -> str:
            there = await self._deals.require(deal_id)
            added = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
            fields: dict[str, JsonValue] = {"content": marked(body, key), "deal_id": int(there), "add_time": added}
            return f"note:{await self._client.create_v1('notes', fields)}"

        async def find(mark: str) -> str | None:
            there = await self._deals.linked(deal_id)
            notes = await self._client.notes_of(there) if there else []
            return next((f"note:{one.id}" for one in notes if mark_in(one.text) == mark), None)

        return await self._marked(deal_id, key, key, send, find)

    async def _call_log(self, deal_id: str, key: str, fields: Mapping[str, JsonValue], text: str) -> Delivery:
        async def send() -> str:
            about: dict[str, JsonValue] = {
                "deal_id": int(await self._deals.require(deal_id)),
                "note": marked(text, key),
            }
            return f"call:{await self._client.create_v1('callLogs', {**fields, **about})}"

        async def find(mark: str) -> str | None:
            calls = await self._client.own_call_logs()
            return next((f"call:{one.id}" for one in calls if mark_in(one.text) == mark), None)

        return await self._marked(deal_id, key, key, send, find)

    async def _marked(
        self, deal_id: str, effect_id: str, key: str, send: Callable[[], Awaitable[str | None]], find: Find
    ) -> Delivery:
        async def look() -> Lookup:
            found = await find(mark_of(key))
            return Found(found) if found else Absent()

        before = await self._deals.opened(deal_id, effect_id)
        return Delivery(send=send, idempotency=Idempotency.MARKER, find=look, before=before)

    async def _find_activity(self, deal_id: str, mark: str) -> ActivityRecord | None:
        if (there := await self._deals.linked(deal_id)) is None:
            return None
        async for activity in self._client.activities_of(there):
            if mark_in(activity.note) == mark:
                return activity
        return None

    async def _close_if_asked(self, task: str, made: str | None) -> None:
        """Close a task that was closed here while it was being made there; closed again it stays as it is."""
        try:
            asked = _CLOSED in await mirror.known(self._store, SOURCE, task_object(mark_of(task)))
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        if asked and made is not None:
            await self._complete(made, {"done": True})

    async def _complete(self, activity: str, fields: JsonObject) -> None:
        id_ = activity.partition(":")[2]
        await own_writes_to(self._store).write(
            activity, {"done": True}, lambda: self._client.update(ActivityRecord, "activities", id_, fields), updated_at
        )

    async def _remember(self, object_id: str, values: Mapping[str, JsonValue]) -> None:
        try:
            await mirror.note(self._store, SOURCE, object_id, values, datetime.now(UTC))
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error


def _unmarked(note: str | None) -> str:
    return (note or "").rpartition("dw:")[0].removesuffix("<br>")


async def _nothing() -> str | None:
    return None
