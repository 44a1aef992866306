"""A simulated org in a process of its own, and the adapter that works with it, as the ledger would."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import jwt
from pydantic import SecretStr

from dealwright.deal import Money, Person
from dealwright.effects import CreateTask, UpdateCrm
from integrations.kit.answers import Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.delivery import Delivery, Found
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Unlimited
from integrations.kit.simulator.process import RunningSimulator
from integrations.salesforce.answers import classify
from integrations.salesforce.client import Changed, SalesforceClient, Values
from integrations.salesforce.crm import SalesforceCrm
from integrations.salesforce.memory import OrgMemory
from integrations.salesforce.org import Org
from integrations.salesforce.settings import SalesforceConnection
from integrations.salesforce.simulator.org import ORGANIZATION_ID
from store.database import Store
from tests.integrations.salesforce.org_client import AUDIENCE, JWT_BEARER, LOGIN

AT = datetime.now(UTC)
STAGES = {"qualification": "Qualification", "negotiation": "Negotiation/Review"}
AMY = Person(name="Amy Seller", email="amy@seller.example")


async def logged_in(simulator: RunningSimulator) -> ToolClient:
    example = await simulator.connection()
    claims = {
        "iss": example.block["client_id"], "sub": example.block["username"], "aud": AUDIENCE,
        "exp": int(datetime.now(UTC).timestamp()) + 120,
    }  # fmt: skip
    assertion = jwt.encode(claims, example.secrets["SALESFORCE_PRIVATE_KEY"], algorithm="RS256")
    door = ToolClient("salesforce", simulator.url, FixedToken(SecretStr("none")), Unlimited())
    form = {"grant_type": JWT_BEARER, "assertion": assertion}
    answer: Any = (await door.call(Operation(name="log in", method="POST"), LOGIN, Payload(form=form))).json()
    await door.close()
    return ToolClient("salesforce", simulator.url, FixedToken(SecretStr(answer["access_token"])), Unlimited(), classify)


class InterruptedClient(SalesforceClient):
    """A client whose next change comes right after something else that happens there."""

    between: Callable[[], Awaitable[None]] | None = None

    async def update(self, sobject: str, id_: str, values: Values, fields: tuple[str, ...]) -> Changed:
        if (happen := self.between) is not None:
            self.between = None
            await happen()
        return await super().update(sobject, id_, values, fields)


class World:
    """One deal, one org."""

    def __init__(
        self, simulator: RunningSimulator, tool: ToolClient, store: Store, deal_id: str, **settings: Any
    ) -> None:
        self.simulator, self.deal = simulator, deal_id
        given = {"organization": ORGANIZATION_ID, "client_id": "c", "client_secret": SecretStr("s"), "stages": STAGES}
        connection = SalesforceConnection.model_validate({**given, "settings": {"currency": "EUR"}, **settings})
        self.memory = OrgMemory(store)
        self.client = InterruptedClient(tool)
        self.org = Org(self.client, connection, self.memory, lambda: datetime.now(UTC))
        self.crm = SalesforceCrm(self.org)

    async def deliver(self, delivery: Delivery) -> str | None:
        """Hand it over, with what has to be there before."""
        for part in delivery.before:
            await self.deliver(part.delivery)
        known = await delivery.find() if delivery.find else None
        reference = known.reference if isinstance(known, Found) else await delivery.send()
        if delivery.arrived:
            await delivery.arrived(reference)
        return reference

    async def update(self, **fields: Any) -> str | None:
        effect = UpdateCrm(**{"id": f"{self.deal}/crm", "at": AT, "summary": "", "stage": "qualification", **fields})
        return await self.deliver(await self.crm.update_deal(self.deal, effect))

    def task(self, number: int = 1, **fields: Any) -> CreateTask:
        id_ = f"{self.deal}/play/1/call/{number}"
        given = {"id": id_, "task": id_, "at": AT, "summary": "", "role": "sdr", "title": "Call Ana", "due_at": AT}
        return CreateTask(**{**given, **fields})

    async def records(self, name: str) -> list[dict[str, Any]]:
        """The records of an object that are the deal's, as the org holds them."""
        state: Any = await self.simulator.state()
        tables = state["org"]["tables"]
        own = {id_ for id_, row in tables["Opportunity"].items() if row.get("Dealwright_Deal__c") == self.deal}
        keys = {"Opportunity": "Id", "Task": "WhatId", "OpportunityContactRole": "OpportunityId"}
        return [row for row in tables[name].values() if row.get(keys[name]) in own]

    async def opportunity(self) -> dict[str, Any]:
        (only,) = await self.records("Opportunity")
        return only


def money(amount: str, currency: str = "EUR") -> Money:
    return Money.model_validate({"amount": amount, "currency": currency})


__all__ = ["AMY", "AT", "World", "logged_in", "money"]
