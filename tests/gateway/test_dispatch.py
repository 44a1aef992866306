"""The way from the intake to the deals, on the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.deal_client import DealClient
from dealwright.client.errors import TemporalAway
from dealwright.commands import Close, Pause
from dealwright.entries import FactTaken
from dealwright.facts import Fact
from dealwright.identity import workflow_id
from gateway.webhooks.dispatch import Dispatcher
from integrations.kit.mapping.meaning import OPENS_DEAL
from store import bundles, intake, suppression
from store.database import Store
from store.intake import Event, IntakeState
from tests.gateway.conftest import QUICK
from tests.temporal_environment import QUIET, new_deal_id, running_worker

pytestmark = pytest.mark.server

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def worker(temporal: Client, store: Store) -> AsyncIterator[None]:
    async with running_worker(temporal, store):
        yield


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
def dispatcher(store: Store, deals: DealClient, clock: Clock) -> Dispatcher:
    return Dispatcher(store, deals, frozenset({"standard"}), QUICK, clock=clock)


def note(event_id: str, deal_ref: str | None, *, source: str = "standard", text: str = "") -> Event:
    payload = {"id": f"{source}:{event_id}", "text": "x", "note": text or event_id}
    return Event(
        source=source, event_id=event_id, deal_ref=deal_ref, fact="note_added", payload=payload, received_at=NOW
    )


def opening(deal_id: str, ref: str | None = None, *, source: str = "standard", **deal: str) -> Event:
    payload = {"deal": {"id": deal_id, **deal}, "playbook": QUIET}
    return Event(
        source=source, event_id=new_deal_id("opening"), deal_ref=ref or deal_id, fact=OPENS_DEAL, payload=payload,
        received_at=NOW,
    )  # fmt: skip


async def states(store: Store) -> dict[str, str]:
    return {row.event_id: row.state.value for row in await intake.recent(store)}


async def notes_of(deals: DealClient, deal_id: str) -> list[str | None]:
    await deals.command(deal_id, Pause(by="Ana", why="a command is decided with all facts before it"))
    return [entry.note for entry in await deals.story(deal_id) if isinstance(entry, FactTaken)]


async def test_an_opening_and_the_facts_after_it_reach_the_deal_in_order(
    dispatcher: Dispatcher, store: Store, deals: DealClient, worker: None
) -> None:
    deal_id = new_deal_id()
    await intake.add(store, [opening(deal_id), *(note(f"n{n}", deal_id) for n in range(5))])
    await dispatcher.run_round()
    assert set((await states(store)).values()) == {"dispatched"}
    assert await notes_of(deals, deal_id) == ["n0", "n1", "n2", "n3", "n4"]


async def test_an_object_of_a_crm_is_linked_to_the_deal_that_it_opened(
    dispatcher: Dispatcher, store: Store, deals: DealClient, worker: None
) -> None:
    deal_id = new_deal_id()
    early = note("early", "1-9", source="hubspot")
    await intake.add(store, [early])
    await dispatcher.run_round()
    assert await states(store) == {"early": "unmatched"}
    await intake.add(store, [opening(deal_id, "1-9", source="hubspot"), note("late", "1-9", source="hubspot")])
    await dispatcher.run_round()
    await dispatcher.run_round()
    assert set((await states(store)).values()) == {"dispatched"}
    assert sorted(str(one) for one in await notes_of(deals, deal_id)) == ["early", "late"]


async def test_a_fact_waits_for_a_deal_that_is_opened_by_other_means(
    dispatcher: Dispatcher, store: Store, deals: DealClient, clock: Clock, worker: None
) -> None:
    deal_id = new_deal_id()
    await intake.add(store, [note("early", deal_id)])
    await dispatcher.run_round()
    assert await states(store) == {"early": "unmatched"}
    await deals.open({"id": deal_id}, QUIET)
    clock.now += timedelta(minutes=1)
    await dispatcher.run_round()
    assert await states(store) == {"early": "dispatched"}


async def test_an_event_without_a_deal_is_asked_for_ever_more_rarely(
    dispatcher: Dispatcher, store: Store, clock: Clock
) -> None:
    await intake.add(store, [note("early", new_deal_id())])
    waits = []
    for _ in range(4):
        await dispatcher.run_round()
        (row,) = await intake.recent(store)
        waits.append((row.not_before - clock.now) / QUICK.unmatched_retry)
        clock.now = row.not_before
    assert waits == [1, 2, 4, 8]


async def test_a_fact_for_a_finished_deal_is_kept_and_shown_as_such(
    dispatcher: Dispatcher, store: Store, deals: DealClient, worker: None
) -> None:
    deal_id = (await deals.open({"id": new_deal_id()}, QUIET)).deal_id
    await deals.command(deal_id, Close(by="Ana", why="test", outcome="lost"))
    await deals.temporal.get_workflow_handle(workflow_id(deal_id)).result()
    await intake.add(store, [note("late", deal_id), opening(deal_id)])
    await dispatcher.run_round()
    assert set((await states(store)).values()) == {"closed_deal"}


async def test_an_opt_out_for_a_finished_deal_still_silences_the_address(
    dispatcher: Dispatcher, store: Store, deals: DealClient, worker: None
) -> None:
    address = f"{new_deal_id('ana')}@buyer.example"
    contact = {"id": "ana", "name": "Ana", "email": address}
    deal_id = (await deals.open({"id": new_deal_id(), "contacts": [contact]}, QUIET)).deal_id
    await deals.command(deal_id, Close(by="Ana", why="test", outcome="lost"))
    await deals.temporal.get_workflow_handle(workflow_id(deal_id)).result()
    await intake.add(store, [note("late", deal_id).model_copy(update={"fact": "opted_out", "payload": {}})])
    await dispatcher.run_round()
    (row,) = await intake.recent(store)
    assert row.state is IntakeState.CLOSED_DEAL
    assert f"{address} gets no more marketing" in str(row.last_error)
    assert await suppression.suppressed(store, address) is not None


@pytest.mark.parametrize("closed", [True, False])
async def test_an_opt_out_that_names_an_address_silences_it_whatever_became_of_its_deal(
    dispatcher: Dispatcher, store: Store, deals: DealClient, worker: None, *, closed: bool
) -> None:
    address, deal_id = f"{new_deal_id('eve')}@buyer.example", new_deal_id()
    if closed:
        await deals.open({"id": deal_id}, QUIET)
        await deals.command(deal_id, Close(by="Ana", why="test", outcome="lost"))
        await deals.temporal.get_workflow_handle(workflow_id(deal_id)).result()
    told = note("late", deal_id).model_copy(update={"fact": "opted_out", "payload": {"address": address.upper()}})
    await intake.add(store, [told])
    await dispatcher.run_round()
    assert await suppression.suppressed(store, address) is not None


async def test_an_opt_out_that_cannot_be_delivered_silences_its_address_at_once(
    store: Store, away: DealClient, clock: Clock
) -> None:
    address = f"{new_deal_id('eve')}@buyer.example"
    told = note("late", new_deal_id()).model_copy(update={"fact": "opted_out", "payload": {"address": address}})
    await intake.add(store, [told])
    with suppress(TemporalAway):
        await Dispatcher(store, away, frozenset({"standard"}), QUICK, clock=lambda: clock.now).run_round()
    assert await suppression.suppressed(store, address) is not None


async def test_an_opt_out_of_an_object_that_no_deal_is_linked_to_silences_its_address(
    dispatcher: Dispatcher, store: Store
) -> None:
    address = f"{new_deal_id('eve')}@buyer.example"
    told = note("late", new_deal_id(), source="hubspot")
    await intake.add(store, [told.model_copy(update={"fact": "opted_out", "payload": {"address": address}})])
    await dispatcher.run_round()
    assert set((await states(store)).values()) == {"unmatched"}
    assert await suppression.suppressed(store, address) is not None


async def test_an_opening_waits_for_its_playbook_to_be_published(
    dispatcher: Dispatcher, store: Store, deals: DealClient, worker: None, clock: Clock
) -> None:
    late = opening(new_deal_id())
    name = new_deal_id("playbook")
    await intake.add(store, [late.model_copy(update={"payload": {**late.payload, "playbook": name}})])
    await dispatcher.run_round()
    (row,) = await intake.recent(store)
    assert row.state is IntakeState.WAITING
    assert "dealwright playbook publish" in str(row.last_error)
    await bundles.publish(store, name, await bundles.load(store, await bundles.resolve(store, QUIET)))
    clock.now = row.not_before
    await dispatcher.run_round()
    assert set((await states(store)).values()) == {"dispatched"}


async def test_an_event_passed_on_twice_counts_once(
    dispatcher: Dispatcher, store: Store, deals: DealClient, worker: None
) -> None:
    deal_id = new_deal_id()
    (opened, fact) = await intake.add(store, [opening(deal_id), note("n1", deal_id)])
    await dispatcher.run_round()
    for row in (opened, fact):  # as if the gateway had been killed before it wrote down that it was done
        await intake.mark(store, row.id, IntakeState.WAITING, at=NOW)
    await dispatcher.run_round()
    assert set((await states(store)).values()) == {"dispatched"}
    assert await notes_of(deals, deal_id) == ["n1"]


async def test_a_deal_that_runs_already_with_other_content_still_gets_its_events(
    dispatcher: Dispatcher, store: Store, deals: DealClient, worker: None
) -> None:
    deal_id = new_deal_id()
    await deals.open({"id": deal_id, "title": "By the API"}, QUIET)
    await intake.add(store, [opening(deal_id, title="By a webhook"), note("n1", deal_id)])
    await dispatcher.run_round()
    assert set((await states(store)).values()) == {"dispatched"}
    assert (await deals.snapshot(deal_id)).title == "By the API"


@pytest.mark.parametrize(
    "event",
    [
        note("bad", "no id"),
        note("bad", None),
        note("bad", "any").model_copy(update={"fact": "no_such_fact"}),
        note("bad", "any").model_copy(update={"payload": {"nots": "x"}}),
        opening("no id").model_copy(update={"event_id": "bad"}),
    ],
    ids=["deal id", "no deal", "fact", "payload", "opening"],
)
async def test_what_can_never_arrive_is_refused_and_keeps_nothing_else_from_it(
    dispatcher: Dispatcher, store: Store, deals: DealClient, worker: None, event: Event
) -> None:
    deal_id = new_deal_id()
    await intake.add(store, [event, opening(deal_id).model_copy(update={"event_id": "good"})])
    await dispatcher.run_round()
    assert await states(store) == {"bad": "refused", "good": "dispatched"}


async def test_while_temporal_is_away_everything_waits_as_it_was(store: Store, away: DealClient, clock: Clock) -> None:
    dispatcher = Dispatcher(store, away, frozenset({"standard"}), QUICK, clock=clock)
    await intake.add(store, [note(f"n{n}", f"deal-{n}") for n in range(30)])
    with pytest.raises(TemporalAway):
        await dispatcher.run_round()
    rows = await intake.due(store, 100, clock.now)
    assert len(rows) == 30
    tried = [row for row in rows if row.attempts]
    assert 3 <= len(tried) < 3 + QUICK.concurrent_deals
    assert all("Temporal did not answer" in str(row.last_error) for row in tried)


async def test_what_was_passed_on_is_shown_for_a_while_and_what_needs_somebody_for_good(
    dispatcher: Dispatcher, store: Store, clock: Clock
) -> None:
    await intake.add(store, [note(state.value, "d").model_copy(update={"state": state}) for state in IntakeState])
    clock.now += dispatcher.retention
    await dispatcher.clean_up()
    assert set(await states(store)) == {state.value for state in IntakeState}
    clock.now += timedelta(hours=2)
    await dispatcher.clean_up()
    assert set(await states(store)) == {"waiting", "unmatched"}


class OneOutOfReach(DealClient):
    """Deals of which one cannot be reached."""

    out_of_reach = ""

    async def record(self, deal_id: str, fact: Fact | CheckedFact) -> str:
        if deal_id == self.out_of_reach:
            raise TemporalAway("no answer")
        return await super().record(deal_id, fact)


async def test_a_deal_that_cannot_be_reached_keeps_nothing_from_the_others(
    store: Store, temporal: Client, clock: Clock, worker: None
) -> None:
    deals = OneOutOfReach(temporal, timedelta(seconds=20))
    dispatcher = Dispatcher(store, deals, frozenset({"standard"}), QUICK, clock=clock)
    stuck, *others = [(await deals.open({"id": new_deal_id()}, QUIET)).deal_id for _ in range(4)]
    deals.out_of_reach = stuck
    await intake.add(store, [note(f"{deal_id}-{n}", deal_id) for deal_id in (stuck, *others) for n in range(2)])
    await dispatcher.run_round()
    assert {id_: state for id_, state in (await states(store)).items() if state != "dispatched"} == {
        f"{stuck}-{n}": "waiting" for n in range(2)
    }
    deals.out_of_reach = ""
    clock.now += QUICK.first_retry
    await dispatcher.run_round()
    assert await notes_of(deals, stuck) == [f"{stuck}-{n}" for n in range(2)]
