"""What we write in Pipedrive is never taken for a person's, though its answer is lost and nobody says who wrote it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from dealwright.deal import Account, Contact, Money, Person
from dealwright.effects import CloseTask
from integrations.kit.delivery import Delivery, Found
from integrations.kit.errors import Refused, Unanswered
from integrations.kit.mapping.events import events_after_fetch
from integrations.kit.simulator.process import RunningSimulator
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.crm import PipedriveCrm
from integrations.pipedrive.deal_record import DealRecords
from integrations.pipedrive.fetcher import PipedriveFetcher
from integrations.pipedrive.polling import PipedrivePolling
from integrations.pipedrive.settings import PipedriveConnection
from integrations.pipedrive.users import Users
from store import mirror
from store.database import Store
from store.intake import IntakeState
from tests.integrations.pipedrive.company import ANA, Company, connection_to, running_company
from tests.integrations.pipedrive.test_crm import NOW, deliver, task, update
from tests.integrations.pipedrive.test_inbound import body, read, source, told_with_fetch
from tests.store.databases import migrated

_UPDATES = r"^(PATCH|PUT)"
HOUR = timedelta(hours=1)


class Installation:
    """The adapter as worker and reader, with a deal's effects and what the deal would be told."""

    def __init__(self, connection: PipedriveConnection, store: Store, company: Company) -> None:
        self.connection, self.store, self.company = connection, store, company
        self.deal, self.heard = f"deal-{uuid4().hex[:12]}", list[str]()
        self.crm, self._polling = PipedriveCrm(connection, store), PipedrivePolling(connection, store)
        self._fetcher, self._cursor = PipedriveFetcher(connection, store), None

    async def hand_over(self, delivery: Delivery) -> None:
        """Hand an effect over, at last; before, each of its changing calls is taken once and not answered."""
        for part in delivery.before:
            await self.hand_over(part.delivery)
        for _ in range(3):
            await self.company.simulator.switch(lose_response=1, only=_UPDATES)
            with suppress(Unanswered):
                await delivery.send()
            await self.listen()
            if delivery.find is not None:
                break
        found = await delivery.find() if delivery.find else None
        reference = found.reference if isinstance(found, Found) else await delivery.send()
        if delivery.arrived:
            await delivery.arrived(reference)
        await self.listen()

    async def listen(self) -> None:
        """Read what changed; it does not say who changed it."""
        await self.company.simulator.switch(lose_response=0)
        page = await self._polling.poll(self._cursor)
        for seen in page.seen:
            await mirror.note(self.store, "pipedrive", seen.object_id, seen.values, seen.at)
        for event in page.events:
            told = [event]
            if event.fact == "fetch":
                found = await self._fetcher.fetch(event.payload["what"])
                told = [] if found is None else events_after_fetch(source(), event, found)
            waiting = [one for one in told if one.state is IntakeState.WAITING]
            # What other tests of this company left there would be opened.
            self.heard += [f"{one.fact} {one.payload}" for one in waiting if one.fact != "open_deal"]

    async def there(self) -> int:
        return int((await self.company.deal_of(self.deal))["id"])

    async def close(self) -> None:
        await self.crm.close()
        await self._polling.close()
        await self._fetcher.close()


@pytest.fixture(scope="module")
async def pipedrive_process() -> AsyncIterator[RunningSimulator]:
    """A company with these deals alone: its changes are read from the first one on in each test."""
    async with running_company() as running:
        yield running


@pytest.fixture(scope="module")
async def connection(pipedrive_process: RunningSimulator) -> PipedriveConnection:
    return await connection_to(pipedrive_process)


@pytest.fixture
async def here(connection: PipedriveConnection, company: Company, tmp_path: Path) -> AsyncIterator[Installation]:
    store = Store.open(migrated(tmp_path))
    installation = Installation(connection, store, company)
    await deliver(await installation.crm.update_deal(installation.deal, update()))
    await installation.listen()
    yield installation
    await installation.close()
    await store.close()


async def _all_parts(here: Installation) -> Delivery:
    given = {
        "amount": Money(amount=Decimal("12000.50"), currency="EUR"), "owner_role": "ae", "title": "Acme, 3 years",
        "owners": {"ae": Person(name="Ana Reyes", email=ANA[0])}, "close_on": date(2026, 12, 31), "stage": "proposal",
        "at": NOW + HOUR,
    }  # fmt: skip
    return await here.crm.update_deal(here.deal, update(**given))


async def _another_name(here: Installation) -> Delivery:
    email = f"{here.deal}@buyer.example"
    await deliver(await here.crm.update_deal(here.deal, update(contacts=(Contact(id="a", name="Ada", email=email),))))
    await here.listen()
    ada = Contact(id="a", name="Ada Berg", email=email, phone="+49 30 1")
    return await here.crm.update_deal(here.deal, update(contacts=(ada,), at=NOW + HOUR))


async def _another_account_name(here: Installation) -> Delivery:
    await deliver(await here.crm.update_deal(here.deal, update(account=Account(id=here.deal, name=here.deal))))
    await here.listen()
    account = Account(id=here.deal, name=f"{here.deal} Inc.")
    return await here.crm.update_deal(here.deal, update(account=account, at=NOW + HOUR))


async def _closed_task(here: Installation) -> Delivery:
    made = task()
    await deliver(await here.crm.create_task(here.deal, made))
    closing = CloseTask(id=f"{made.id}/closed", at=NOW, summary="", task=made.task, how="cancelled", reason="booked")
    return await here.crm.close_task(here.deal, closing, NOW)


OWN: dict[str, Callable[[Installation], Awaitable[Delivery]]] = {
    "all parts of a deal": _all_parts,
    "a contact": _another_name,
    "an organization": _another_account_name,
    "a closed task": _closed_task,
}


@pytest.mark.parametrize("what", OWN)
async def test_a_write_whose_answer_is_lost_is_not_heard_of(here: Installation, what: str) -> None:
    await here.hand_over(await OWN[what](here))

    assert here.heard == []


async def test_of_two_writes_within_a_second_neither_is_heard_of(here: Installation) -> None:
    for hour, stage in enumerate(("presentation", "proposal"), 1):
        later = update(parts=("stage",), stage=stage, at=NOW + hour * HOUR)
        await deliver(await here.crm.update_deal(here.deal, later))
    first = body(await here.there(), {"stage_id": 2}, stage_id=3, at=datetime.now(UTC).replace(microsecond=0))

    (told,) = await read(here.store, first)

    assert told.state is IntakeState.SKIPPED


async def test_an_edit_that_a_write_without_an_answer_went_over_is_told(here: Installation) -> None:
    deal = await here.there()
    await here.company.update("deal", deal, stage_id=3)
    edited = body(deal, {"stage_id": 2}, stage_id=3, at=datetime.now(UTC))
    await here.company.simulator.switch(lose_response=1, only=_UPDATES)
    with pytest.raises(Unanswered):
        await (await here.crm.update_deal(here.deal, update(parts=("stage",), stage="proposal", at=NOW + HOUR))).send()

    told = await told_with_fetch(here.connection, here.store, edited)

    assert told == [("crm_stage_moved", IntakeState.WAITING)]


async def test_what_a_person_writes_after_us_is_heard_of_also_what_we_had_written(here: Installation) -> None:
    await here.hand_over(await here.crm.update_deal(here.deal, update(parts=("title",), title="Ours", at=NOW + HOUR)))
    deal = await here.there()
    for seconds, title in ((5, "Theirs"), (10, "Ours")):
        await here.company.simulator.switch(clock_skew=seconds)
        await here.company.update("deal", deal, title=title)
        await here.listen()
    await here.company.simulator.switch(clock_skew=0)

    assert [heard.count("'title': 'Theirs'") - heard.count("'title': 'Ours'") for heard in here.heard] == [1, -1]


async def test_what_pipedrive_refused_and_a_person_then_wrote_is_heard_of(here: Installation) -> None:
    client, deal = PipedriveClient(here.connection, here.store), await here.there()
    records = DealRecords(client, here.store, here.connection, Users(client, {}))
    with pytest.raises(Refused):
        await records.write(str(deal), {"title": "Ours", "stage_id": 999_999}, NOW + HOUR)
    await client.close()
    await here.company.update("deal", deal, title="Ours")
    await here.listen()

    assert [heard for heard in here.heard if "'title': 'Ours'" in heard]
