"""An effect is handed over once, or asked about: killed anywhere, retried, raced by a process believed dead."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.exceptions import ApplicationError

from activities.contract import ALARM, STORE_AWAY
from activities.errors import NotHandedOver, Refused, Unanswered
from activities.ledger import Checkpoint, Delivery
from deals.effects import Notify
from store import journal, ledger
from store.database import Store
from store.ledger import LedgerState
from tests.activities.conftest import Worker
from tests.activities.outside import Gate, Receiver
from tests.store.samples import NOW, email, entered, story

EFFECT = email().id
IN_THE_MIDDLE = (Checkpoint.BEFORE_HAND_OVER, Checkpoint.AFTER_ACCEPTED, Checkpoint.BEFORE_RECORD)


async def state_of(store: Store, effect: str = EFFECT) -> LedgerState | None:
    row = await ledger.row(store, effect)
    return row.state if row else None


async def test_an_effect_is_handed_over_and_its_result_recorded(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    outcome = await worker.attempt()
    assert (outcome.status, outcome.reference, outcome.at, outcome.journaled) == ("done", f"<{EFFECT}>", NOW, True)
    assert receiver.got == [EFFECT]
    row = await ledger.row(store, EFFECT)
    assert row is not None
    assert (row.state, row.attempts, row.hand_overs, row.recipient) == (LedgerState.RECORDED, 1, 1, "ada@acme.test")


async def test_an_effect_that_is_recorded_is_not_handed_over_again_and_its_outcome_is_the_same(
    worker: Worker, receiver: Receiver
) -> None:
    first = await worker.attempt()
    assert await worker.attempt() == first
    assert receiver.got == [EFFECT]


async def test_killed_after_the_claim_the_next_attempt_hands_over_once(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    await worker.attempt_until_killed(Checkpoint.AFTER_CLAIM)
    assert await state_of(store) is LedgerState.CLAIMED
    assert (await worker.attempt()).status == "done"
    assert receiver.got == [EFFECT]


@pytest.mark.parametrize("at", IN_THE_MIDDLE)
async def test_killed_while_handing_over_the_outcome_is_uncertain_and_nothing_is_handed_over_again(
    worker: Worker, store: Store, receiver: Receiver, at: Checkpoint
) -> None:
    await worker.attempt_until_killed(at)
    received = list(receiver.got)
    assert received == ([] if at is Checkpoint.BEFORE_HAND_OVER else [EFFECT])
    assert [(await worker.attempt()).status for _ in range(2)] == ["uncertain", "uncertain"]
    assert receiver.got == received
    assert await state_of(store) is LedgerState.UNCERTAIN


async def test_killed_after_the_record_the_next_attempt_returns_what_was_recorded(
    worker: Worker, receiver: Receiver
) -> None:
    await worker.attempt_until_killed(Checkpoint.AFTER_RECORD)
    assert (await worker.attempt()).status == "done"
    assert receiver.got == [EFFECT]


@pytest.mark.parametrize("at", list(Checkpoint))
async def test_killed_anywhere_a_call_that_may_be_repeated_arrives_once_and_is_never_uncertain(
    worker: Worker, receiver: Receiver, at: Checkpoint
) -> None:
    await worker.attempt_until_killed(at, prepare=receiver.repeatable(EFFECT))
    assert (await worker.attempt(prepare=receiver.repeatable(EFFECT))).status == "done"
    assert receiver.got == [EFFECT]


async def test_what_can_be_found_on_the_other_side_is_done(worker: Worker, receiver: Receiver) -> None:
    await worker.attempt_until_killed(Checkpoint.AFTER_ACCEPTED, prepare=receiver.findable(EFFECT))
    outcome = await worker.attempt(prepare=receiver.findable(EFFECT))
    assert (outcome.status, outcome.reference) == ("done", f"<{EFFECT}>")
    assert receiver.got == [EFFECT]


async def test_what_cannot_be_found_on_the_other_side_may_still_be_on_its_way(
    worker: Worker, receiver: Receiver
) -> None:
    await worker.attempt_until_killed(Checkpoint.BEFORE_HAND_OVER, prepare=receiver.findable(EFFECT))
    assert (await worker.attempt(prepare=receiver.findable(EFFECT))).status == "uncertain"
    assert receiver.got == []


# --- what the other side answers ---------------------------------------------------------------------------------


async def test_when_nothing_was_handed_over_the_claim_is_released_and_the_attempt_repeated(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    async def away() -> None:
        raise NotHandedOver("The mail server does not answer")

    receiver.before = away
    error = await worker.failed_attempt()
    assert error.message == "The mail server does not answer. Nothing was handed over; trying again"
    assert not error.non_retryable
    assert await state_of(store) is LedgerState.RELEASED
    receiver.before = None
    assert (await worker.attempt()).status == "done"
    assert receiver.got == [EFFECT]


async def test_a_final_refusal_is_recorded_and_not_tried_again(worker: Worker, receiver: Receiver) -> None:
    async def never() -> None:
        raise Refused("550 no such user")

    receiver.before = never
    first = await worker.attempt()
    assert (first.status, first.reason) == ("failed", "550 no such user")
    receiver.before = None
    assert await worker.attempt() == first
    assert receiver.got == []


async def test_a_call_without_an_answer_is_uncertain_at_once(worker: Worker, receiver: Receiver) -> None:
    async def hang_up() -> None:
        raise Unanswered("the connection broke")

    receiver.answer = hang_up
    outcome = await worker.attempt()
    assert (outcome.status, outcome.reason) == ("uncertain", "the connection broke")
    receiver.answer = None
    assert (await worker.attempt()).status == "uncertain"
    assert receiver.got == [EFFECT]


async def test_a_repeatable_call_without_an_answer_is_made_again(worker: Worker, receiver: Receiver) -> None:
    async def hang_up() -> None:
        raise Unanswered("the connection broke")

    receiver.answer = hang_up
    with pytest.raises(ApplicationError, match="the connection broke"):
        await worker.attempt(prepare=receiver.repeatable(EFFECT))
    receiver.answer = None
    assert (await worker.attempt(prepare=receiver.repeatable(EFFECT))).status == "done"
    assert receiver.got == [EFFECT]


async def test_an_effect_that_cannot_be_made_ready_is_refused_before_the_outside_sees_it(
    worker: Worker, store: Store
) -> None:
    async def no_address() -> Delivery:
        raise Refused("Ada has no e-mail address")

    outcome = await worker.attempt(prepare=no_address)
    assert (outcome.status, outcome.reason) == ("failed", "Ada has no e-mail address")
    row = await ledger.row(store, EFFECT)
    assert row is not None
    assert (row.state, row.hand_overs) == (LedgerState.RECORDED, 0)


# --- processes that were believed dead ---------------------------------------------------------------------------


async def test_a_process_believed_dead_before_its_hand_over_is_fenced_off(worker: Worker, receiver: Receiver) -> None:
    gate = Gate()

    async def slow() -> Delivery:
        await gate()
        return receiver.delivery(EFFECT)

    zombie = asyncio.create_task(worker.attempt(prepare=slow))
    await gate.reached.wait()
    done = await worker.attempt()
    gate.opened.set()
    assert await zombie == done
    assert receiver.got == [EFFECT]


async def test_a_process_believed_dead_cannot_free_what_another_one_is_handing_over(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    making_ready, calling = Gate(), Gate()

    async def not_ready() -> Delivery:
        await making_ready()
        raise NotHandedOver("The bundle is not there yet")

    zombie = asyncio.create_task(worker.attempt(prepare=not_ready))
    await making_ready.reached.wait()
    receiver.answer = calling
    alive = asyncio.create_task(worker.attempt())
    await calling.reached.wait()
    making_ready.opened.set()
    with pytest.raises(ApplicationError, match="Another attempt") as overtaken:
        await zombie
    assert not overtaken.value.non_retryable
    assert await state_of(store) is LedgerState.HANDING_OVER
    calling.opened.set()
    assert (await alive).status == "done"
    assert receiver.got == [EFFECT]


async def test_a_result_that_arrives_late_is_recorded_and_the_deal_is_told(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    gate = Gate()
    receiver.answer = gate
    zombie = asyncio.create_task(worker.attempt())
    await gate.reached.wait()
    assert (await worker.attempt()).status == "uncertain"
    gate.opened.set()
    assert (await zombie).status == "done"
    assert worker.confirmed == [("acme-1", EFFECT)]
    assert await state_of(store) is LedgerState.RECORDED
    assert (await worker.attempt()).status == "done"
    assert receiver.got == [EFFECT]


async def test_a_result_in_time_is_not_told_twice(worker: Worker) -> None:
    await worker.attempt()
    assert worker.confirmed == []


async def test_a_late_word_that_nothing_was_handed_over_frees_the_effect(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    gate = Gate()

    async def refused_late() -> None:
        await gate()
        raise NotHandedOver("The mail server broke off before the message")

    receiver.before = refused_late
    zombie = asyncio.create_task(worker.failed_attempt())
    await gate.reached.wait()
    assert (await worker.attempt()).status == "uncertain"
    gate.opened.set()
    await zombie
    assert await state_of(store) is LedgerState.RELEASED
    assert worker.confirmed == []


async def test_two_processes_racing_on_one_effect_hand_it_over_once(worker: Worker, receiver: Receiver) -> None:
    for number in range(10):
        effect = email(f"acme-1/cold/1/{number}/1")
        await asyncio.gather(worker.attempt(effect), worker.attempt(effect), return_exceptions=True)
        assert receiver.got.count(effect.id) == 1


async def test_twenty_attempts_at_once_hand_over_once(worker: Worker, store: Store, receiver: Receiver) -> None:
    ends = await asyncio.gather(*(worker.attempt() for _ in range(20)), return_exceptions=True)
    assert receiver.got == [EFFECT]
    assert await state_of(store) is LedgerState.RECORDED
    unexpected = [end for end in ends if isinstance(end, BaseException) and not isinstance(end, ApplicationError)]
    assert unexpected == []
    assert (await worker.attempt()).status == "done"


async def cut_all_connections(database_url: str) -> None:
    other = Store.open(database_url)
    async with other.writing() as connection:
        await connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    await other.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_result_is_recorded_though_all_connections_broke_meanwhile(
    worker: Worker, store: Store, receiver: Receiver, database_url: str
) -> None:
    receiver.answer = lambda: cut_all_connections(database_url)
    assert (await worker.attempt()).status == "done"
    assert await state_of(store) is LedgerState.RECORDED


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_connections_that_broke_while_nobody_used_them_are_replaced(
    worker: Worker, receiver: Receiver, database_url: str
) -> None:
    async def ready() -> Delivery:
        await cut_all_connections(database_url)
        return receiver.delivery(EFFECT)

    assert (await worker.attempt(prepare=ready)).status == "done"


async def cut_who_waits_for_the_row(database_url: str, locked: asyncio.Event) -> None:
    """Hold the effect's row, and cut the connection that wants to change it."""
    other = Store.open(database_url)
    async with other.writing() as connection:
        await connection.exec_driver_sql("SELECT * FROM ledger FOR UPDATE")
        locked.set()
        cut = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        while (await connection.exec_driver_sql(cut)).first() is None:
            await connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")  # else it sees the same ever again
            await asyncio.sleep(0.01)
    await other.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_connection_that_breaks_before_the_call_leaves_nothing_uncertain(
    worker: Worker, store: Store, receiver: Receiver, database_url: str
) -> None:
    locked = asyncio.Event()

    async def ready() -> Delivery:
        cutting.append(asyncio.create_task(cut_who_waits_for_the_row(database_url, locked)))
        await locked.wait()
        return receiver.delivery(EFFECT)

    cutting = list[asyncio.Task[None]]()
    with pytest.raises(ApplicationError, match="Nothing was handed over; trying again"):
        await worker.attempt(prepare=ready)
    await asyncio.gather(*cutting)
    assert await state_of(store) is LedgerState.RELEASED
    assert (await worker.attempt()).status == "done"
    assert receiver.got == [EFFECT]


# --- the journal that rides along --------------------------------------------------------------------------------


async def test_entries_ride_along_and_are_there_before_the_hand_over(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    await worker.attempt_until_killed(Checkpoint.AFTER_CLAIM)
    await worker.attempt(entries=story())
    assert [line.number for line in await journal.story(store, "acme-1")] == [1, 2, 3]
    assert receiver.got == [EFFECT]


async def test_entries_of_an_effect_that_is_recorded_already_are_written_too(worker: Worker, store: Store) -> None:
    await worker.attempt()
    outcome = await worker.attempt(entries=story())
    assert outcome.journaled
    assert len(await journal.story(store, "acme-1")) == 3


async def test_a_number_with_other_content_is_an_alarm_and_nothing_is_handed_over(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    await worker.attempt(email("acme-1/other/1/0/1"), entries=(entered(1),))
    with pytest.raises(ApplicationError, match="entry 1 stands") as alarm:
        await worker.attempt(entries=(entered(1, stage="demo"),))
    assert (alarm.value.type, alarm.value.non_retryable) == (ALARM, True)
    assert receiver.got == ["acme-1/other/1/0/1"]
    assert await state_of(store) is None


async def test_one_id_for_two_effects_is_an_alarm_and_nothing_is_handed_over(
    worker: Worker, receiver: Receiver
) -> None:
    await worker.attempt()
    stolen = Notify(id=EFFECT, at=NOW, summary="Tell", role="sdr", text="Something else")
    with pytest.raises(ApplicationError, match="came again as notify") as alarm:
        await worker.attempt(stolen)
    assert alarm.value.type == ALARM
    assert receiver.got == [EFFECT]


async def test_without_its_database_an_attempt_hands_nothing_over_and_may_be_repeated(receiver: Receiver) -> None:
    away = Store.open("postgresql://deals@127.0.0.1:1/deals")
    error = await Worker(away, receiver).failed_attempt()
    assert (error.type, error.non_retryable) == (STORE_AWAY, False)
    assert error.message.startswith("The database does not answer; it is tried again")
    assert receiver.got == []
    await away.close()
