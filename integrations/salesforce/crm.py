"""Salesforce as the CRM of deals: opportunities, their contacts, and tasks.

Every record that is made here carries our id in an External ID field that is unique, so that none is made twice:
these deliveries are of the class ``VENDOR``. A contact's role has no such field, and is looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from dealwright.deal import Person
from dealwright.effects import CloseTask, CreateTask, HandOver, LogActivity, RequestApproval, UpdateCrm
from integrations.kit.delivery import Delivery, Idempotency, Part
from integrations.salesforce import activity_values
from integrations.salesforce.accounts import Accounts
from integrations.salesforce.changes import intended
from integrations.salesforce.contact_roles import ContactRoles
from integrations.salesforce.external_keys import external_key
from integrations.salesforce.memory import closing
from integrations.salesforce.opportunities import Opportunities
from integrations.salesforce.opportunity_values import cannot_hold, opportunity_values
from integrations.salesforce.org import Org
from integrations.salesforce.people import People
from integrations.salesforce.settings import SOURCE

Values = Mapping[str, JsonValue]


class SalesforceCrm:
    """One org as the CRM."""

    def __init__(self, org: Org) -> None:
        self._client, self._connection = org.client, org.connection
        self._memory, self._clock = org.memory, org.clock
        self._opportunities, self._people, self._accounts = Opportunities(org), People(org), Accounts(org)
        self._roles = ContactRoles(org, self._opportunities, self._people)

    async def create_task(self, deal_id: str, effect: CreateTask) -> Delivery:
        """A task on its owner's list. One that is there already stays as people have left it since."""
        values = activity_values.task_to_do(self._connection, effect, found=await self._people.user(effect.owner))
        return await self._activity(deal_id, effect.task, values, effect.at, owner=effect.owner, is_done=False)

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> Delivery:
        """A task off its owner's list. One that is not there yet is made, and closed already."""
        field, key = self._connection.effect_field, external_key(effect.task)
        closed: Values = {"Status": self._connection.closed_status}

        async def send() -> str:
            await self._announce_closed(key)
            found = await self._client.update_keyed("Task", field, key, closed)
            if found is None:
                subject = effect.reason[: activity_values.LONGEST_SUBJECT]
                opportunity = await self._opportunities.require(deal_id)
                first = {"Subject": subject, "WhatId": opportunity, field: key, **closed}
                found = await self._client.create("Task", first, field)
                await self._client.update("Task", found, closed, ("Id",))  # somebody else may have made it in between
            return f"task:{found}"

        delivery = Delivery(send=send, idempotency=Idempotency.VENDOR)
        return replace(delivery, before=await self._opportunities.opened(deal_id, at))

    async def update_deal(self, deal_id: str, effect: UpdateCrm) -> Delivery:
        """The deal's opportunity as it stands now. Where the deal has none, one is made."""
        values = opportunity_values(self._connection, effect)
        if effect.writes("owner") and (owner := await self._people.user(effect.owner)):
            values["OwnerId"] = owner
        before = [*await self._opportunities.opened(deal_id, effect.at, values)]
        account = effect.account if effect.writes("account") else None
        before += [self._accounts.of(account)] if account else []
        for place, contact in enumerate(effect.contacts or ()) if effect.writes("contacts") else ():
            before += self._roles.of(deal_id, contact, primary=place == 0)
        if text := self._note_of(effect):
            noted = activity_values.note(self._connection, text, effect.at)
            delivery = await self._activity(deal_id, effect.id, noted, effect.at)
            before.append(Part(name="note", delivery=replace(delivery, before=())))

        async def wanted() -> Values:
            return {**values, "AccountId": await self._accounts.id_of(account)} if account else values

        return self._opportunities.written(deal_id, wanted, effect.at, tuple(before))

    async def keep_package(self, deal_id: str, effect: HandOver) -> Delivery:
        """A handoff package, as a closed task of its receiver."""
        values = activity_values.package(self._connection, effect)
        return await self._activity(deal_id, effect.id, values, effect.at, owner=effect.to)

    async def keep_approval_request(self, deal_id: str, effect: RequestApproval) -> Delivery:
        """An approval request, as a closed task of whom it asks."""
        values = activity_values.approval_request(self._connection, effect)
        return await self._activity(deal_id, effect.id, values, effect.at, owner=effect.owner)

    async def log_activity(self, deal_id: str, effect: LogActivity) -> Delivery:
        """What was done with the buyer, as a closed task. What Salesforce told us of is there already."""
        if effect.source == SOURCE:
            return Delivery(send=_nothing, idempotency=Idempotency.VENDOR)
        values = activity_values.what_was_done(self._connection, effect)
        if effect.contact and (person := await self._people.contact(deal_id, effect.contact)):
            values["WhoId"] = person
        return await self._activity(deal_id, effect.id, values, effect.at, owner=effect.owner)

    async def _activity(
        self, deal_id: str, id_: str, values: Values, at: datetime, *, owner: Person | None = None, is_done: bool = True
    ) -> Delivery:
        field, key = self._connection.effect_field, external_key(id_)
        user = await self._people.user(owner)
        given: Values = {**values, field: key, **({"OwnerId": user} if user else {})}

        async def send() -> str:
            opportunity = await self._opportunities.require(deal_id)
            if is_done:
                await self._announce_closed(key)
            return f"task:{await self._client.create('Task', {**given, 'WhatId': opportunity}, field)}"

        delivery = Delivery(send=send, idempotency=Idempotency.VENDOR)
        return replace(delivery, before=await self._opportunities.opened(deal_id, at))

    async def _announce_closed(self, key: str) -> None:
        """Say that we close a task: what comes back of it is no news."""
        await self._memory.hold(closing(key), {intended("closed"): "true"}, self._clock())

    def _note_of(self, effect: UpdateCrm) -> str:
        """What is noted: the effect's note, and an amount that the org cannot hold."""
        said = [effect.note] if effect.note else []
        if effect.writes("amount") and cannot_hold(self._connection, effect.amount):
            said.append(f"The deal's amount is {effect.amount}. This org keeps another currency.")
        return "\n\n".join(said)


async def _nothing() -> str | None:
    return None
