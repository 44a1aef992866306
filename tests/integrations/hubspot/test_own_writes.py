"""What we write in HubSpot is never taken for a person's, though its answer is lost and nobody says who wrote it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from dealwright.deal import Account as BuyerAccount
from dealwright.deal import Contact, Money
from dealwright.effects import CloseTask, UpdateCrm
from integrations.hubspot.crm import HubSpotCrm
from integrations.hubspot.fetcher import HubSpotFetcher
from integrations.hubspot.polling import HubSpotPolling
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.delivery import Delivery
from integrations.kit.errors import Refused, Unanswered
from integrations.kit.mapping.events import events_after_fetch
from store.database import Store
from store.intake import IntakeState
from tests.integrations.hubspot.account import Account
from tests.integrations.hubspot.test_crm import ANA_REYES, NOW, task
from tests.integrations.hubspot.test_inbound import source
from tests.store.databases import migrated

_WRITES = r"(PATCH .*/\d+|POST .*/(deals|tasks|batch/upsert))$"
ADA = Contact(id="ada", name="Ada Berg", email="ada@own.example", role="CFO")
ACME = BuyerAccount(id="acme-own", name="Acme", domain="own.example")


def update(deal_id: str, **about: object) -> UpdateCrm:
    id_ = f"deal-{uuid4().hex[:12]}/crm"
    return UpdateCrm.model_validate(
        {"id": id_, "at": NOW, "summary": "", "stage": "discovery", "title": deal_id, **about}
    )


class Installation:
    """The adapter as worker and journal reader, with a deal's effects and what the deal would be told."""

    def __init__(self, connection: HubSpotConnection, store: Store, account: Account) -> None:
        self.account, self.deal = account, f"deal-{uuid4().hex[:12]}"
        self.crm, self._polling = HubSpotCrm(connection, store), HubSpotPolling(connection, store)
        self._fetcher, self._cursor, self.heard = HubSpotFetcher(connection, store), "", list[str]()

    async def start(self) -> None:
        self._cursor = (await self._polling.poll(None)).cursor

    async def deliver(self, delivery: Delivery) -> None:
        """Hand an effect over, at last; before, each of its writing calls is taken once and not answered."""
        for _ in range(3):
            await self.account.simulator.switch(lose_response=1, only=_WRITES)
            with suppress(Unanswered):
                await delivery.send()
            await self.listen()
        reference = await delivery.send()
        if delivery.arrived:
            await delivery.arrived(reference)
        await self.listen()

    async def listen(self) -> None:
        """Read the journal to its end; it does not say who wrote what."""
        await self.account.simulator.switch(lose_response=0)
        while (page := await self._polling.poll(self._cursor)).cursor != self._cursor:
            self._cursor = page.cursor
            for event in page.events:
                told = [event]
                if event.fact == "fetch":
                    found = await self._fetcher.fetch(event.payload["what"])
                    told = [] if found is None else events_after_fetch(source(), event, found)
                self.heard += [f"{one.fact} {one.payload}" for one in told if one.state is IntakeState.WAITING]

    async def close(self) -> None:
        await self.crm.close()
        await self._polling.close()


@pytest.fixture
async def here(connection: HubSpotConnection, account: Account, tmp_path: Path) -> AsyncIterator[Installation]:
    store = Store.open(migrated(tmp_path))
    installation = Installation(connection, store, account)
    await installation.start()
    yield installation
    await installation.close()
    await store.close()


async def _closed_task(here: Installation) -> Delivery:
    made = task()
    await here.deliver(await here.crm.create_task(here.deal, made))
    closing = CloseTask(id=f"{made.id}/closed", at=NOW, summary="", task=made.task, how="not_needed", reason="booked")
    return await here.crm.close_task(here.deal, closing, NOW)


async def _all_parts(here: Installation) -> Delivery:
    await here.deliver(await here.crm.update_deal(here.deal, update(here.deal)))
    given = {
        "amount": Money(amount=Decimal("1.2E4"), currency="EUR"), "owner_role": "ae", "owners": {"ae": ANA_REYES},
        "close_on": date(2026, 12, 31), "title": "Acme", "stage": "proposal", "at": NOW + timedelta(hours=1),
    }  # fmt: skip
    return await here.crm.update_deal(here.deal, update(here.deal, **given))


OWN: dict[str, Callable[[Installation], Awaitable[Delivery]]] = {
    "a new deal": lambda here: here.crm.update_deal(here.deal, update(here.deal)),
    "a deal that a task opens": lambda here: here.crm.create_task(here.deal, task()),
    "all parts of a deal": _all_parts,
    "a contact": lambda here: here.crm.update_deal(here.deal, update(here.deal, contacts=(ADA,))),
    "a company": lambda here: here.crm.update_deal(here.deal, update(here.deal, account=ACME)),
    "a closed task": _closed_task,
}


@pytest.mark.parametrize("what", OWN)
async def test_a_write_whose_answer_is_lost_is_not_heard_of(here: Installation, what: str) -> None:
    await here.deliver(await OWN[what](here))

    assert here.heard == []


async def test_of_two_writes_that_are_read_about_later_neither_is_heard_of(here: Installation) -> None:
    await here.deliver(await here.crm.update_deal(here.deal, update(here.deal)))
    for hour, stage in enumerate(("presentation", "proposal"), 1):
        later = update(here.deal, parts=("stage",), stage=stage, at=NOW + timedelta(hours=hour))
        await (await here.crm.update_deal(here.deal, later)).send()
    await here.listen()

    assert here.heard == []


async def test_what_a_person_writes_after_us_is_heard_of_also_what_we_had_written(here: Installation) -> None:
    await here.deliver(await here.crm.update_deal(here.deal, update(here.deal)))
    later = update(here.deal, parts=("title",), title="Ours", at=NOW + timedelta(hours=1))
    await here.deliver(await here.crm.update_deal(here.deal, later))
    made = await here.account.the("deals", dealwright_key=here.deal)
    await here.account.simulator.switch(clock_skew=2)
    for name in ("Theirs", "Ours"):
        await here.account.update("deals", made["id"], dealname=name)
    await here.account.simulator.switch(clock_skew=0)
    await here.listen()

    assert [heard.count("'title': 'Theirs'") - heard.count("'title': 'Ours'") for heard in here.heard] == [1, -1]


async def test_what_hubspot_refused_and_a_person_then_wrote_is_heard_of(here: Installation) -> None:
    await here.deliver(await here.crm.update_deal(here.deal, update(here.deal)))
    made = await here.account.the("deals", dealwright_key=here.deal)
    refused = update(here.deal, parts=("title", "close_on"), title="Ours", close_on=date(2026, 12, 31))
    await here.account.simulator.change(do="delete", type="deals", id=made["id"])
    with pytest.raises(Refused):
        await (await here.crm.update_deal(here.deal, refused)).send()
    await here.account.simulator.change(do="restore", type="deals", id=made["id"])
    await here.account.update("deals", made["id"], dealname="Ours")
    await here.listen()

    assert [heard for heard in here.heard if "'title': 'Ours'" in heard]
