"""Clari on this machine: what is forecast of the opportunities of open deals is told once, and never the CRM's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.clari.polling import ClariPolling
from integrations.clari.settings import ClariConnection
from integrations.kit.errors import NotHandedOver
from integrations.kit.simulator.process import RunningSimulator
from store import links, mirror
from store.database import Store
from store.intake import Event, IntakeState
from store.tables import finished_deals
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

_NUMBERS = count(1)
FORECAST, CLOSES = "opportunity.forecastCategory", "opportunity.closeDate"


@pytest.fixture(scope="module")
async def clari() -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.clari.simulator") as running:
        yield running


@pytest.fixture
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path_factory.mktemp("clari")))
    yield store
    await store.close()


@pytest.fixture
async def connection(clari: RunningSimulator) -> ClariConnection:
    example = await clari.connection()
    secret = SecretStr(example.secrets["api-key"])
    return ClariConnection.model_validate({"base_url": example.block["base_url"], "api_key": secret})


class Reading:
    """Clari as it is read, and what is kept of it as the worker keeps it."""

    def __init__(self, connection: ClariConnection, store: Store, clari: RunningSimulator) -> None:
        self.store, self._clari, self.now = store, clari, datetime.now(UTC)
        self.polling = ClariPolling(connection, store, lambda: self.now)
        self.cursor: str | None = None

    async def once(self) -> list[Event]:
        """One pass over all pages."""
        events = list[Event]()
        while True:
            polled = await self.polling.poll(self.cursor)
            for one in polled.seen:
                await mirror.note(self.store, "clari", one.object_id, one.values, one.at)
            events += polled.events
            self.cursor = polled.cursor
            if not polled.more:
                return events

    async def told(self) -> list[tuple[str, Any]]:
        """What a pass tells deals: of whom, and what."""
        waiting = [one for one in await self.once() if one.state is IntakeState.WAITING]
        assert {one.fact for one in waiting} <= {"forecast_given"}
        parts = ("forecast", "close_on")
        return [(str(one.deal_ref), {p: one.payload[p] for p in parts if p in one.payload}) for one in waiting]

    async def opportunity(self, **values: object) -> str:
        """One that is linked to a deal, with these values since yesterday; returns its id."""
        id_ = f"0065f0000{next(_NUMBERS):06d}AAA"
        for name, value in values.items():
            await self.set(id_, name, value, days_ago=1)
        await links.link(self.store, "salesforce", f"opportunity:{id_}", f"deal-{id_}")
        return id_

    async def set(self, opportunity: str, name: str, value: object, **more: object) -> None:
        """Somebody forecasts in Clari."""
        field = {"forecast": FORECAST, "close": CLOSES}.get(name, name)
        await self._clari.change(do="set", opportunity=opportunity, field=field, value=value, **more)


@pytest.fixture
async def reading(connection: ClariConnection, store: Store, clari: RunningSimulator) -> AsyncIterator[Reading]:
    reading = Reading(connection, store, clari)
    yield reading
    await reading.polling.close()
    await clari.switch(refuse_unknown=False, only="", server_error=0, quota_spent=0, expire_token=0, lose_request=0)


async def test_a_forecast_in_clari_is_told_to_the_deal_of_the_crm_s_opportunity(reading: Reading) -> None:
    id_ = await reading.opportunity(forecast="Commit", close="2026-12-31")

    assert await reading.told() == [
        (f"deal-{id_}", {"forecast": "commit"}),
        (f"deal-{id_}", {"close_on": "2026-12-31"}),
    ]


async def test_it_counts_as_of_the_day_that_clari_names_and_a_later_change_as_of_when_it_is_seen(
    reading: Reading,
) -> None:
    id_ = await reading.opportunity(forecast="Commit")
    (first,) = await reading.once()
    await reading.set(id_, "forecast", "Pipeline")
    (later,) = await reading.once()

    yesterday = (reading.now - timedelta(days=1)).date().isoformat()
    assert str(first.payload["at"]).startswith(f"{yesterday}T23:59:59")
    assert datetime.fromisoformat(str(later.payload["at"])) == reading.now


async def test_each_change_is_told_once(reading: Reading) -> None:
    id_ = await reading.opportunity(forecast="Pipeline")
    await reading.once()
    await reading.set(id_, "forecast", "Best Case")

    changed, again = await reading.told(), await reading.told()

    assert (changed, again) == ([(f"deal-{id_}", {"forecast": "best_case"})], [])


async def test_a_pass_that_is_not_kept_tells_the_same_under_the_same_ids(reading: Reading) -> None:
    await reading.opportunity(forecast="Commit")

    killed, again = await reading.polling.poll(None), await reading.polling.poll(None)

    assert [one.event_id for one in killed.events] == [one.event_id for one in again.events] != []


async def test_of_what_is_seen_first_without_a_date_nothing_is_told_until_it_changes(reading: Reading) -> None:
    id_ = await reading.opportunity()
    await reading.set(id_, "forecast", "Pipeline", days_ago=3)
    await reading.set(id_, "forecast", "Commit", undated=True)
    first = await reading.told()
    await reading.set(id_, "forecast", "Omitted")

    assert (first, await reading.told()) == ([], [(f"deal-{id_}", {"forecast": None})])


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2027-01-31", "2027-01-31"),
        ("2027-01-31T00:00:00Z", "2027-01-31"),
        (1801353600000, "2027-01-31"),
        ("1801353600000", "2027-01-31"),
        (None, None),
    ],
)
async def test_a_close_date_is_a_day_however_clari_writes_it(reading: Reading, value: object, told: str | None) -> None:
    id_ = await reading.opportunity(close="2026-12-31")
    await reading.once()
    await reading.set(id_, "close", value)

    assert await reading.told() == [(f"deal-{id_}", {"close_on": told})]


@pytest.mark.parametrize("value", ["soon", {"day": 1}, [2027], True, 10**30])
async def test_a_close_date_in_no_known_form_tells_nothing_and_is_no_fault(reading: Reading, value: object) -> None:
    id_ = await reading.opportunity(close="2026-12-31")
    await reading.once()
    await reading.set(id_, "close", value)

    assert await reading.told() == []


async def test_a_category_that_nobody_mapped_is_kept_and_told_to_nobody(reading: Reading) -> None:
    id_ = await reading.opportunity(forecast="Commit")
    await reading.once()
    await reading.set(id_, "forecast", "Upside")

    (kept,) = await reading.once()

    assert kept.state is IntakeState.SKIPPED
    assert "forecasts in the block clari" in (kept.last_error or "")


async def test_an_organization_may_have_words_of_its_own(
    connection: ClariConnection, store: Store, clari: RunningSimulator
) -> None:
    changes = {"forecasts": {"best_case": "Upside"}, "forecast_field": "opportunity.call__c"}
    reading = Reading(connection.model_copy(update=changes), store, clari)
    id_ = await reading.opportunity(**{"opportunity.call__c": "Upside"})

    assert await reading.told() == [(f"deal-{id_}", {"forecast": "best_case"})]
    await reading.polling.close()


async def test_what_the_crm_is_known_to_hold_is_told_by_the_crm_alone(reading: Reading) -> None:
    """Its own edits, and what we wrote into it: Clari shows them some hours later."""
    id_ = await reading.opportunity(forecast="Pipeline", close="2026-12-31")
    await reading.once()
    held = {"forecast": "Commit", "close_on": "2027-01-31"}
    await mirror.note(reading.store, "salesforce", f"opportunity:{id_}", held, reading.now + timedelta(minutes=1))
    await reading.set(id_, "forecast", "Commit")
    await reading.set(id_, "close", "2027-01-31")

    assert await reading.told() == []


async def test_what_somebody_sets_back_in_clari_to_what_the_crm_still_holds_is_told(reading: Reading) -> None:
    held_since = reading.now - timedelta(days=5)
    id_ = await reading.opportunity(forecast="Commit")
    await mirror.note(reading.store, "salesforce", f"opportunity:{id_}", {"forecast": "Commit"}, held_since)
    told = [await reading.told()]
    for category in ("Best Case", "Commit"):
        await reading.set(id_, "forecast", category)
        told.append(await reading.told())

    assert [[said["forecast"] for _, said in one] for one in told] == [[], ["best_case"], ["commit"]]


async def test_more_opportunities_than_one_call_takes_are_read_in_pages(reading: Reading) -> None:
    for _ in range(60):
        await reading.opportunity(forecast="Commit")

    assert len(await reading.told()) == 60
    assert await reading.told() == []


async def test_of_finished_deals_and_of_opportunities_of_no_deal_nothing_is_asked(
    reading: Reading, clari: RunningSimulator
) -> None:
    over = await reading.opportunity(forecast="Commit")
    async with reading.store.writing() as writing:
        row = {"deal_id": f"deal-{over}", "outcome": "won", "closed_at": reading.now}
        await writing.execute(finished_deals.insert(), row)
    await reading.set("0065f0000999999AAA", "forecast", "Commit")

    assert await reading.told() == []


@pytest.mark.parametrize("refuses", [False, True])
async def test_an_opportunity_that_clari_does_not_have_keeps_no_other_from_being_read(
    reading: Reading, clari: RunningSimulator, refuses: bool
) -> None:
    await clari.switch(refuse_unknown=refuses)
    for forecast in ("Commit", None, "Pipeline"):
        await reading.opportunity(**({"forecast": forecast} if forecast else {}))

    assert sorted(said["forecast"] for _, said in await reading.told()) == ["commit", "pipeline"]


@pytest.mark.parametrize("fault", ["server_error", "quota_spent", "expire_token", "lose_request"])
async def test_what_cannot_be_asked_now_is_asked_again_later(
    reading: Reading, clari: RunningSimulator, fault: str
) -> None:
    await reading.opportunity(forecast="Commit")
    await clari.switch(**{fault: -1})
    with pytest.raises(NotHandedOver):
        await reading.once()
    await clari.switch(**{fault: 0})


async def test_the_check_says_whether_clari_takes_the_token(
    reading: Reading, connection: ClariConnection, store: Store
) -> None:
    wrong = ClariPolling(connection.model_copy(update={"api_key": SecretStr("another-token-than-it-takes")}), store)

    found = [await reading.polling.health(), await wrong.health()]
    await wrong.close()

    assert [(one.level, one.about) for (one,) in found] == [("ok", "credentials"), ("problem", "credentials")]
