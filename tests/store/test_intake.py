from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from store import intake
from store.database import Store
from store.intake import Event, IntakeState

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def event(number: int, **changes: object) -> Event:
    values = {
        "source": "hubspot",
        "event_id": f"e{number}",
        "deal_ref": "9001",
        "fact": "demo_booked",
        "payload": {"starts_at": "2026-03-05T10:00:00Z"},
        "received_at": NOW,
    }
    return Event.model_validate({**values, **changes})


async def test_new_events_come_back_in_the_order_they_were_given(store: Store) -> None:
    taken = await intake.add(store, [event(3), event(1), event(2)])
    assert [row.event_id for row in taken] == ["e3", "e1", "e2"]
    assert {row.state for row in taken} == {IntakeState.WAITING}


async def test_an_event_that_comes_again_is_not_new_and_stays_as_it_was(store: Store) -> None:
    await intake.add(store, [event(1)])
    taken = await intake.add(store, [event(1, fact="demo_held"), event(2)])
    assert [row.event_id for row in taken] == ["e2"]
    assert [row.fact for row in await intake.due(store, 10, NOW)] == ["demo_booked", "demo_booked"]


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        ({"at": "2026-03-02T08:00:00Z"}, {"at": "2026-03-02T09:00:00Z"}, True),
        ({"at": "2026-03-02T08:00:00Z"}, {"at": "2026-03-02T08:00:00Z"}, False),
        ({}, {"at": "2026-03-02T09:00:00Z"}, False),
        ({"at": "2026-03-02T08:00:00Z"}, {}, False),
        ({"how": "voided"}, {"how": "declined", "at": "2026-03-02T09:00:00Z"}, True),
    ],
)  # fmt: skip
async def test_an_event_that_comes_again_differs_by_its_time_only_where_both_say_one(
    store: Store, before: dict[str, str], after: dict[str, str], differs: bool
) -> None:
    await intake.add(store, [event(1, payload=before)])
    again = event(1, payload=after)
    assert await intake.conflicting(store, [again]) == ([again] if differs else [])


async def test_an_event_twice_in_one_batch_is_taken_once(store: Store) -> None:
    assert len(await intake.add(store, [event(1), event(1)])) == 1


async def test_nothing_to_take_in_is_nothing_new(store: Store) -> None:
    assert await intake.add(store, []) == []


async def test_the_same_event_id_of_two_sources_is_two_events(store: Store) -> None:
    taken = await intake.add(store, [event(1), event(1, source="calendly")])
    assert [row.source for row in taken] == ["hubspot", "calendly"]


async def test_deliveries_at_the_same_time_take_each_event_in_once(store: Store) -> None:
    batches = await asyncio.gather(*(intake.add(store, [event(n) for n in range(20)]) for _ in range(8)))
    assert sum(len(batch) for batch in batches) == 20


async def test_an_event_that_was_dispatched_no_longer_waits(store: Store) -> None:
    (row,) = await intake.add(store, [event(1)])
    await intake.mark(store, row.id, IntakeState.DISPATCHED, at=NOW)
    assert await intake.due(store, 10, NOW) == []
    (kept,) = await intake.recent(store, state=IntakeState.DISPATCHED)
    assert (kept.attempts, kept.dispatched_at) == (1, NOW)


async def test_an_event_that_could_not_be_passed_on_waits_until_its_next_attempt(store: Store) -> None:
    (row,) = await intake.add(store, [event(1)])
    later = NOW + timedelta(minutes=1)
    await intake.mark(store, row.id, IntakeState.WAITING, at=NOW, error="Temporal does not answer", not_before=later)
    assert await intake.due(store, 10, NOW) == []
    (again,) = await intake.due(store, 10, later)
    assert (again.attempts, again.last_error, again.dispatched_at) == (1, "Temporal does not answer", None)


async def test_waiting_gives_the_oldest_first_and_no_more_than_asked_for(store: Store) -> None:
    await intake.add(store, [event(n) for n in range(5)])
    assert [row.event_id for row in await intake.due(store, 3, NOW)] == ["e0", "e1", "e2"]


async def test_recent_gives_the_newest_first_of_one_state_and_source(store: Store) -> None:
    await intake.add(store, [event(1), event(2), event(3, source="calendly")])
    assert [row.event_id for row in await intake.recent(store)] == ["e3", "e2", "e1"]
    assert [row.event_id for row in await intake.recent(store, source="hubspot", limit=1)] == ["e2"]
    assert await intake.recent(store, state=IntakeState.REFUSED) == []
    assert await intake.counts(store) == {IntakeState.WAITING: 3}


async def test_a_link_tells_the_deal_of_an_object_and_the_newest_word_counts(store: Store) -> None:
    assert await intake.linked_deal(store, "hubspot", "9001") is None
    await intake.link(store, "hubspot", "9001", "acme-1")
    await intake.link(store, "hubspot", "9001", "acme-2")
    assert await intake.linked_deal(store, "hubspot", "9001") == "acme-2"
    assert await intake.linked_deal(store, "pipedrive", "9001") is None


async def test_events_that_found_no_deal_wait_again_once_their_object_is_linked(store: Store) -> None:
    row, other = await intake.add(store, [event(1), event(2, deal_ref="9002")])
    for unmatched in (row, other):
        await intake.mark(store, unmatched.id, IntakeState.UNMATCHED, at=NOW, error="no deal for object")
    assert await intake.link(store, "hubspot", "9001", "acme-1") == 1
    assert [found.event_id for found in await intake.due(store, 10, NOW)] == ["e1"]


async def test_a_payload_with_a_null_character_is_kept(store: Store) -> None:
    (row,) = await intake.add(store, [event(1, payload={"note": "a\x00b", "more": [{"c\x00": "\\u0000"}]})])
    assert row.payload == {"note": "a\ufffdb", "more": [{"c\ufffd": "\\u0000"}]}


async def test_an_event_that_is_not_to_be_passed_on_is_kept_with_the_reason(store: Store) -> None:
    await intake.add(store, [event(1, state=IntakeState.REFUSED, last_error="no signature")])
    assert await intake.due(store, 10, NOW) == []
    (kept,) = await intake.recent(store, state=IntakeState.REFUSED)
    assert (kept.last_error, kept.attempts) == ("no signature", 0)


async def test_an_event_without_a_deal_is_tried_again_when_its_time_has_come(store: Store) -> None:
    rows = await intake.add(store, [event(1, source="standard"), event(2, source="standard"), event(3)])
    for row, minutes in zip(rows, (0, 5, 0), strict=True):
        later = NOW + timedelta(minutes=minutes)
        await intake.mark(store, row.id, IntakeState.UNMATCHED, at=NOW, error="no deal", not_before=later)
    assert [row.event_id for row in await intake.unmatched_due(store, {"standard"}, 10, NOW)] == ["e1"]
    assert len(await intake.unmatched_due(store, {"standard", "hubspot"}, 10, NOW + timedelta(minutes=5))) == 3
    assert await intake.unmatched_due(store, set(), 10, NOW) == []
