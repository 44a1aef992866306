"""HubSpot as the CRM: tasks, deals, activities and notes, each under a key of ours, so that none is written twice.

Every call is of the class ``VENDOR``: HubSpot keeps ``dealwright_key`` unique, and an association that is there stays
as it is. So a call of which nobody knows whether it was taken is made again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from dealwright.deal import Contact
from dealwright.effects import CloseTask, CreateTask, HandOver, LogActivity, RequestApproval, UpdateCrm
from integrations.hubspot import values
from integrations.hubspot.client import HubSpotClient, changed_at
from integrations.hubspot.companies import Companies
from integrations.hubspot.deal_record import DealRecords
from integrations.hubspot.own_key import KEY
from integrations.hubspot.own_objects import as_told, object_named, own_writes_to
from integrations.hubspot.owners import Owners
from integrations.hubspot.settings import SOURCE, HubSpotConnection
from integrations.kit.delivery import Delivery, Idempotency
from integrations.kit.tool import Connected
from store import links, mirror
from store.database import Store

_DONE = "COMPLETED"
_WHY = "why"
_TASK_TYPES = {"call": "CALL"}
"""What HubSpot calls a task by the channel that it is for; every other one is a TODO."""


def hubspot_crm(connected: Connected) -> HubSpotCrm:
    """The CRM of an installation that is connected to HubSpot."""
    return HubSpotCrm(connected.block(HubSpotConnection), connected.store)


class HubSpotCrm:
    """One HubSpot account."""

    def __init__(self, connection: HubSpotConnection, store: Store) -> None:
        self._store, self._client = store, HubSpotClient(connection, store)
        self._owners = Owners(self._client, connection.owners)
        self._companies = Companies(self._client, store)
        self._deals = DealRecords(self._client, store, connection, self._owners)
        self._own = own_writes_to(store)

    async def create_task(self, deal_id: str, effect: CreateTask) -> Delivery:
        """A task, on the deal and on its owner's list."""

        async def send() -> str:
            owner = await self._owners.id_of(effect.owner)
            whom = "" if owner else f"For {effect.owner.name if effect.owner else effect.role}.\n"
            properties = {
                "hs_task_subject": effect.title, "hs_task_body": values.as_html(whom + (effect.detail or "")),
                "hs_timestamp": values.moment(effect.due_at),
                "hs_task_type": _TASK_TYPES.get(effect.channel or "", "TODO"),
                **({"hubspot_owner_id": owner} if owner else {}),
            }  # fmt: skip
            key = task_key(effect.task)
            made = await self._kept(deal_id, "tasks", key, properties)
            if (why := (await mirror.known(self._store, SOURCE, _closing(key))).get(_WHY)) is not None:
                await self._close(key, str(why.value))
            return made

        return _repeatable(send, self._links_to(deal_id))

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> Delivery:  # noqa: ARG002 - the port's
        """A task that is completed in HubSpot stays as it is.

        One that is not there may be under way: whoever makes it looks afterwards whether it was closed meanwhile.
        """

        async def send() -> str | None:
            key = task_key(effect.task)
            why = values.as_html(f"{'Done' if effect.how == 'done' else 'No longer wanted'}: {effect.reason}")
            await mirror.note(self._store, SOURCE, _closing(key), {_WHY: why}, at)
            return await self._close(key, why)

        return _repeatable(send)

    async def _close(self, key: str, why: str) -> str | None:
        """Complete the task with this key; returns its typed id, None where there is none."""
        there = await self._client.find("tasks", key, properties=("hs_task_status", "hs_task_body"))
        if there is None:
            return None
        if there.properties.get("hs_task_status") != _DONE:
            body = there.properties.get("hs_task_body") or ""
            properties = {"hs_task_status": _DONE, "hs_task_body": "<br>".join(filter(None, (body, why)))}
            await self._own.write(
                f"task:{there.id}", {"hs_task_status": _DONE},
                lambda: self._client.update("tasks", there.id, properties), changed_at,
            )  # fmt: skip
        return f"task:{there.id}"

    async def update_deal(self, deal_id: str, effect: UpdateCrm) -> Delivery:
        """The deal; opened in HubSpot if it is not there. Contacts are written and associated, and a note is kept."""

        async def send() -> str:
            id_ = await self._deals.write(deal_id, effect)
            if effect.writes("account") and effect.account is not None:
                await self._companies.write(id_, effect.account)
            for contact in effect.contacts or ():
                await self._write_contact(deal_id, id_, contact)
            if effect.note:
                note = {"hs_note_body": values.as_html(effect.note), "hs_timestamp": values.moment(effect.at)}
                await self._kept(deal_id, "notes", effect.id, note)
            return f"deal:{id_}"

        return _repeatable(send)

    async def log_activity(self, deal_id: str, effect: LogActivity) -> Delivery:
        """A message, call, meeting or note on the deal and its contact. What HubSpot told of it has already."""

        async def send() -> str | None:
            if effect.source == SOURCE:
                return None
            kind, properties = values.activity(effect)
            owner = await self._owners.id_of(effect.owner)
            properties |= {"hubspot_owner_id": owner} if owner else {}
            reference = await self._kept(deal_id, kind, effect.id, properties)
            email = effect.contact.email if effect.contact else None
            if email and (contact := await self._client.find("contacts", email, by="email")) is not None:
                await self._client.associate(kind, reference.partition(":")[2], "contacts", contact.id)
            return reference

        return _repeatable(send)

    async def keep_package(self, deal_id: str, effect: HandOver) -> Delivery:
        """A handoff package, as a note on the deal."""
        return self._note(deal_id, effect.id, values.package(effect), effect.at)

    async def keep_approval_request(self, deal_id: str, effect: RequestApproval) -> Delivery:
        """An approval request, as a note on the deal."""
        return self._note(deal_id, effect.id, values.approval_request(effect), effect.at)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _note(self, deal_id: str, key: str, body: str, at: datetime) -> Delivery:
        async def send() -> str:
            properties = {"hs_note_body": body, "hs_timestamp": values.moment(at)}
            return await self._kept(deal_id, "notes", key, properties)

        return _repeatable(send)

    async def _kept(self, deal_id: str, kind: str, key: str, properties: dict[str, str]) -> str:
        """Write an object under its key and put it on the deal; returns its typed id."""
        deal = await self._deals.ensure(deal_id)
        made = await self._client.create(kind, key, properties)
        await self._client.associate(kind, made.id, "deals", deal)
        return f"{kind.removesuffix('s')}:{made.id}"

    async def _write_contact(self, deal_id: str, deal: str, contact: Contact) -> None:
        key, by = (contact.email, "email") if contact.email else (f"{deal_id}/{contact.id}", KEY)
        given, named = values.contact(contact), object_named("contact", key)
        told = as_told({**given, by: key})
        await mirror.note(self._store, SOURCE, named, {OUR_ID: contact.id}, _EVER)
        written = await self._own.write(
            named, told, lambda: self._client.upsert("contacts", key, given, by=by), changed_at
        )
        object_id = f"contact:{written.id}"
        await mirror.note(self._store, SOURCE, object_id, {OUR_ID: contact.id}, _EVER)
        await self._own.wrote(object_id, told, written.updated_at)
        await links.link(self._store, SOURCE, object_id, deal_id)
        await self._client.associate("deals", deal, "contacts", written.id)

    def _links_to(self, deal_id: str) -> Callable[[str | None], Awaitable[None]]:
        async def arrived(reference: str | None) -> None:
            if reference is not None:
                await links.link(self._store, SOURCE, reference, deal_id)

        return arrived


OUR_ID = "~contact"
"""What is mirrored of a contact besides its properties: what the deal calls it."""
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of what never changes."""


def _closing(key: str) -> str:
    """The name under which it is kept that the task with this key was closed, and why: it may not be there yet."""
    return f"closing:{key}"


def task_key(task: str) -> str:
    """The key of a task: what the deal calls it."""
    return f"task:{task}"


def _repeatable(
    send: Callable[[], Awaitable[str | None]], arrived: Callable[[str | None], Awaitable[None]] | None = None
) -> Delivery:
    return Delivery(send=send, idempotency=Idempotency.VENDOR, arrived=arrived)
