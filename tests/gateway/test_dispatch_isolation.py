"""One event, or one deal, that is in trouble keeps no other from its deal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.errors import TemporalAway
from dealwright.facts import Fact
from gateway.webhooks.dispatch import Dispatcher, DispatchLimits
from store import intake
from store.database import Store
from store.intake import Event, IntakeState
from tests.gateway.fake_deals import FakeDealClient

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LIMITS = DispatchLimits(batch_per_deal=3)
BREAKAGES = {
    "payload that is no JSON": "payload = '{\"text'",
    "payload that is no object": "payload = '[1]'",
    "payload nested too deep": f"payload = '{'[' * 100_000}'",
    "bytes that are no text": "event_id = CAST(x'ff80' AS TEXT)",
    "a time that is none": "received_at = 'yesterday'",
    "a time to wait for that is none": "not_before = 'tomorrow'",
    "a time to wait for in a hundred years": "not_before = '2126-01-01 00:00:00', attempts = 'many'",
    "a number that is none": "attempts = 'many'",
}


class Clock:
    """The dispatcher's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def deals() -> FakeDealClient:
    return await FakeDealClient.make()


@pytest.fixture
def dispatcher(store: Store, deals: FakeDealClient, clock: Clock) -> Dispatcher:
    return Dispatcher(store, deals, frozenset({"standard"}), LIMITS, clock=clock)


def note(id_: str, deal_id: str) -> Event:
    payload = {"id": id_, "text": "x"}
    return Event(source="standard", event_id=id_, deal_ref=deal_id, fact="note_added", payload=payload, received_at=NOW)


async def test_a_deal_gets_its_next_events_a_second_after_the_first_of_the_last_ones(
    dispatcher: Dispatcher, store: Store, deals: FakeDealClient, clock: Clock
) -> None:
    await intake.add(store, [note(f"e{number}", "d") for number in range(7)])
    await intake.add(store, [note("other", "e")])
    assert not await dispatcher.run_round()
    assert (deals.told_to("d"), deals.told_to("e")) == (["e0", "e1", "e2"], ["other"])
    clock.now += timedelta(seconds=0.9)
    await dispatcher.run_round()
    assert len(deals.told_to("d")) == 3
    clock.now += timedelta(seconds=0.1)
    await dispatcher.run_round()
    assert len(deals.told_to("d")) == 6


async def test_a_deal_that_took_a_second_for_its_events_gets_the_next_ones_at_once(
    store: Store, clock: Clock, deals: FakeDealClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(_deal_id: str, fact: Fact | CheckedFact) -> str:
        clock.now += timedelta(seconds=0.5)
        return fact.id or ""

    monkeypatch.setattr(deals, "record", slow)
    dispatcher = Dispatcher(store, deals, frozenset({"standard"}), LIMITS, clock=clock)
    await intake.add(store, [note(f"e{number}", "d") for number in range(7)])
    assert await dispatcher.run_round()
    assert await dispatcher.run_round()
    assert not await dispatcher.run_round()
    assert await intake.counts(store) == {IntakeState.DISPATCHED: 7}


async def breaks(store: Store, id_: str, change: str) -> None:
    async with store.writing() as connection:
        await connection.execute(text(f"UPDATE intake SET {change} WHERE event_id = '{id_}'"))  # noqa: S608


@pytest.mark.parametrize("change", BREAKAGES.values(), ids=BREAKAGES)
async def test_a_row_that_cannot_be_read_is_set_aside_and_shown_and_the_others_go_on(
    dispatcher: Dispatcher, store: Store, deals: FakeDealClient, change: str
) -> None:
    await intake.add(store, [note("a1", "a"), note("a2", "a"), note("b1", "b")])
    await breaks(store, "a1", change)
    await dispatcher.run_round()
    await dispatcher.run_round()
    assert sorted(deals.told) == [("a", "a2"), ("b", "b1")]
    assert await intake.counts(store) == {IntakeState.SET_ASIDE: 1, IntakeState.DISPATCHED: 2}
    (row,) = await intake.recent(store, state=IntakeState.SET_ASIDE)
    assert "cannot be read" in str(row.last_error)
    assert len(await intake.recent(store)) == 3


async def test_a_row_that_was_set_aside_is_passed_on_once_it_can_be_read(
    dispatcher: Dispatcher, store: Store, deals: FakeDealClient, clock: Clock
) -> None:
    await intake.add(store, [note("a1", "a")])
    await breaks(store, "a1", "payload = '{'")
    await dispatcher.run_round()
    await breaks(store, "a1", 'payload = \'{"id": "a1", "text": "x"}\'')
    clock.now += timedelta(hours=1)
    await dispatcher.run_round()
    assert deals.told == [("a", "a1")]


async def test_a_state_of_a_later_release_is_counted_and_shown(dispatcher: Dispatcher, store: Store) -> None:
    await intake.add(store, [note("a1", "a"), note("a2", "a")])
    await breaks(store, "a1", "state = 'postponed'")
    await dispatcher.run_round()
    assert await intake.counts(store) == {IntakeState.SET_ASIDE: 1, IntakeState.DISPATCHED: 1}
    assert {row.event_id for row in await intake.recent(store)} == {"a1", "a2"}


class Faulty(FakeDealClient):
    """Deals to which one fact cannot be told, through a fault of ours."""

    async def record(self, deal_id: str, fact: Fact | CheckedFact) -> str:
        if fact.id == "a1":
            raise RuntimeError("a fault with half a character: \udfff")
        return await super().record(deal_id, fact)


async def test_an_event_that_meets_a_fault_of_ours_is_set_aside_and_the_others_go_on(
    store: Store, clock: Clock
) -> None:
    deals = await Faulty.make()
    dispatcher = Dispatcher(store, deals, frozenset({"standard"}), LIMITS, clock=clock)
    await intake.add(store, [note("a1", "a"), note("a2", "a"), note("b1", "b")])
    await dispatcher.run_round()
    assert sorted(deals.told) == [("a", "a2"), ("b", "b1")]
    assert [row.event_id for row in await intake.recent(store, state=IntakeState.SET_ASIDE)] == ["a1"]


async def test_a_deal_out_of_reach_waits_by_itself_for_longer_each_time_and_in_order(
    dispatcher: Dispatcher, store: Store, deals: FakeDealClient, clock: Clock
) -> None:
    deals.out_of_reach = {"a"}
    await intake.add(store, [note("a1", "a"), note("a2", "a"), note("b1", "b")])
    waits = []
    for turn in range(7):
        await dispatcher.run_round()
        await intake.add(store, [note(f"a{turn + 3}", "a"), note(f"b{turn + 2}", "b")])
        await dispatcher.run_round()
        first = (await intake.recent(store))[-1]
        waits.append((first.not_before - clock.now).total_seconds())
        clock.now = first.not_before
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert deals.told_to("b") == [f"b{n}" for n in range(1, 9)]
    deals.out_of_reach = ()
    for _ in range(4):
        await dispatcher.run_round()
        clock.now += timedelta(seconds=1)
    assert deals.told_to("a") == [f"a{n}" for n in range(1, 10)]


async def test_many_deals_out_of_reach_keep_nothing_from_the_others(
    dispatcher: Dispatcher, store: Store, deals: FakeDealClient
) -> None:
    deals.out_of_reach = {f"away-{n}" for n in range(40)}
    await intake.add(store, [note(f"x{n}", f"away-{n}") for n in range(40)])
    await intake.add(store, [note(f"y{n}", f"there-{n}") for n in range(40)])
    for _ in range(40):
        await dispatcher.run_round()
    assert len(deals.told) == 40


async def test_while_temporal_is_away_for_all_nothing_waits_longer_than_it(
    dispatcher: Dispatcher, store: Store, deals: FakeDealClient
) -> None:
    deals.away = True
    await intake.add(store, [note(f"x{n}", f"d{n}") for n in range(20)])
    with pytest.raises(TemporalAway):
        await dispatcher.run_round()
    deals.away = False
    await dispatcher.run_round()
    assert len(deals.told) == 20


async def test_a_flood_for_one_deal_is_passed_on_with_pauses_and_delays_no_other(
    dispatcher: Dispatcher, store: Store, deals: FakeDealClient, clock: Clock
) -> None:
    await intake.add(store, [note(f"a{n}", "a") for n in range(300)])
    await intake.add(store, [note("b1", "b")])
    await dispatcher.run_round()
    assert deals.told_to("b") == ["b1"]
    await dispatcher.run_round()
    assert deals.told_to("a") == ["a0", "a1", "a2"]
    for _ in range(99):
        clock.now += LIMITS.pause_per_deal
        await dispatcher.run_round()
    assert deals.told_to("a") == [f"a{n}" for n in range(300)]
