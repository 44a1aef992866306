"""What we write in Salesforce is never taken for a person's, though its answer is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from dealwright.deal import Account, Contact
from dealwright.effects import CloseTask, UpdateCrm
from integrations.kit.delivery import Delivery, Found
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.http import ToolClient
from integrations.kit.simulator.process import RunningSimulator
from store.database import Store
from tests.integrations.salesforce.crm_world import AMY, AT, money
from tests.integrations.salesforce.test_inbound import Told

NUMBERS = count(1)
HOUR = timedelta(hours=1)


class Lossy(Told):
    """An org whose answers get lost, and whose records are looked at after each."""

    async def hand_over(self, delivery: Delivery) -> None:
        """Hand an effect over, at last; before, each of its writing calls is taken once and not answered."""
        for part in delivery.before:
            await self.hand_over(part.delivery)
        for _ in range(3):
            await self.simulator.switch(lose_response=1)
            try:
                reference = await self._once(delivery)
            except (Unanswered, NotHandedOver):
                await self._listen()
            else:
                break
        await self.simulator.switch(lose_response=0)
        reference = await self._once(delivery)
        if delivery.arrived:
            await delivery.arrived(reference)
        await self._listen()

    async def _once(self, delivery: Delivery) -> str | None:
        known = await delivery.find() if delivery.find else None
        return known.reference if isinstance(known, Found) else await delivery.send()

    async def _listen(self) -> None:
        await self.simulator.switch(lose_response=0)
        await self.poll()
        for opportunity in await self.records("Opportunity"):
            await self.message(opportunity["Id"])

    async def prepared(self, **fields: Any) -> Delivery:
        effect = UpdateCrm(**{"id": f"{self.deal}/crm", "at": AT, "summary": "", "stage": "qualification", **fields})
        return await self.crm.update_deal(self.deal, effect)

    async def heard(self) -> list[Any]:
        return await self.facts((await self.opportunity())["Id"], "stage", "title", "amount", "owner", "task")


@pytest.fixture
def told(simulator: RunningSimulator, tool: ToolClient, store: Store) -> Lossy:
    return Lossy(simulator, tool, store, f"own{next(NUMBERS)}")


async def _all_parts(told: Lossy) -> Delivery:
    await told.update()
    await told.poll()
    return await told.prepared(
        stage="negotiation", title="Ours", amount=money("5.50"), close_on=date(2027, 1, 31), owner_role="ae",
        owners={"ae": AMY}, account=Account(id=told.deal, name=told.deal), at=AT + HOUR,
    )  # fmt: skip


async def _closed_task(told: Lossy) -> Delivery:
    task = told.task()
    await told.deliver(await told.crm.create_task(told.deal, task))
    await told.poll()
    close = CloseTask(id=f"{task.id}.closed", at=AT, summary="", task=task.task, how="done", reason="called")
    return await told.crm.close_task(told.deal, close, AT)


async def _contact(told: Lossy) -> Delivery:
    ada = Contact(id="ada", name="Ada Berg", email=f"{told.deal}@buyer.example", role="CFO")
    return await told.prepared(contacts=(ada,), note="Hello")


OWN: dict[str, Callable[[Lossy], Awaitable[Delivery]]] = {
    "a new deal": lambda told: told.prepared(title="Ours", amount=money("7"), owner_role="ae", owners={"ae": AMY}),
    "a deal that a task opens": lambda told: told.crm.create_task(told.deal, told.task()),
    "all parts of a deal": _all_parts,
    "a contact and a note": _contact,
    "a closed task": _closed_task,
}


@pytest.mark.parametrize("what", OWN)
async def test_a_write_whose_answer_is_lost_is_not_heard_of(told: Lossy, what: str) -> None:
    await told.hand_over(await OWN[what](told))

    assert await told.heard() == []


async def test_of_two_writes_within_a_second_neither_is_heard_of_in_whatever_order(told: Lossy) -> None:
    await told.update()
    await told.poll()
    await told.update(stage="negotiation", at=AT + HOUR)
    opportunity = await told.opportunity()
    await told.update(stage="qualification", at=AT + 2 * HOUR)
    now = (await told.opportunity())["SystemModstamp"]

    await told.message_of({**opportunity, "SystemModstamp": now})
    await told.edit("Opportunity", opportunity["Id"], Name="Theirs")
    await told.poll()

    assert await told.heard() == [("crm_properties_changed", "Theirs")]


async def test_what_a_person_writes_after_us_is_heard_of_also_what_we_had_written(told: Lossy) -> None:
    await told.update()
    await told.hand_over(await told.prepared(title="Ours", at=AT + HOUR))
    opportunity = (await told.opportunity())["Id"]
    for seconds, name in ((5, "Theirs"), (10, "Ours")):
        await told.simulator.switch(clock_skew=seconds)
        await told.edit("Opportunity", opportunity, Name=name)
        await told.poll()
    await told.simulator.switch(clock_skew=0)

    assert await told.heard() == [("crm_properties_changed", "Theirs"), ("crm_properties_changed", "Ours")]


async def test_what_salesforce_refused_and_a_person_then_wrote_is_heard_of(told: Lossy) -> None:
    await told.update()
    await told.poll()
    await told.simulator.switch(loss_reason_required=True)
    with pytest.raises(Refused):
        await told.update(outcome="lost", at=AT + HOUR)
    await told.simulator.switch(loss_reason_required=False)
    await told.edit("Opportunity", (await told.opportunity())["Id"], StageName="Closed Lost")
    await told.poll()

    assert [fact for fact, *_ in await told.heard()] == ["deal_lost"]
