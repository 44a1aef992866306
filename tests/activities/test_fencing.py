"""Attempts that race: a process that was believed dead, two at once, connections that break in between."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.exceptions import ApplicationError

from integrations.kit.delivery import Delivery
from integrations.kit.errors import NotHandedOver
from store.database import Store
from store.ledger import LedgerState
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Gate, Receiver
from tests.activities.ledger_state import EFFECT, state_of
from tests.store.samples import email


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
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"  # waits until it is gone
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
