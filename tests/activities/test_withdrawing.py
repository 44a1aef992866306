"""An effect that is no longer wanted is stopped, if it is not too late; the ledger's answer says whether it was."""

from __future__ import annotations

import asyncio

from activities.late_results import confirm_by_signal
from activities.ledger import Ledger
from activities.once_only import Checkpoint
from dealwright.contract import WithdrawRequest
from dealwright.effects import Outcome
from dealwright.entries import Entry
from integrations.kit.delivery import Delivery
from integrations.kit.errors import NotHandedOver
from store import journal, ledger
from store.database import Store
from store.ledger import LedgerState
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Gate, Receiver
from tests.store.samples import NOW, email, story

EFFECT = email().id


async def withdraw(store: Store, *effects: str, entries: tuple[Entry, ...] = ()) -> list[Outcome]:
    request = WithdrawRequest(deal_id="acme-1", effects=effects or (EFFECT,), at=NOW, entries=entries)
    return await Ledger(store, confirm_by_signal).withdraw(request, "run-1")


async def test_an_effect_nobody_has_claimed_yet_is_withdrawn(worker: Worker, store: Store, receiver: Receiver) -> None:
    assert [outcome.status for outcome in await withdraw(store)] == ["withdrawn"]
    assert (await worker.attempt()).status == "withdrawn"
    assert receiver.got == []


async def test_an_effect_between_claim_and_hand_over_is_withdrawn(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    gate = Gate()

    async def slow() -> Delivery:
        await gate()
        return receiver.delivery(EFFECT)

    attempt = asyncio.create_task(worker.attempt(prepare=slow))
    await gate.reached.wait()
    assert [outcome.status for outcome in await withdraw(store)] == ["withdrawn"]
    gate.opened.set()
    assert (await attempt).status == "withdrawn"
    assert receiver.got == []


async def test_an_effect_that_waits_for_its_next_attempt_is_withdrawn(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    async def away() -> None:
        raise NotHandedOver("The mail server does not answer")

    receiver.before = away
    await worker.failed_attempt()
    assert [outcome.status for outcome in await withdraw(store)] == ["withdrawn"]
    receiver.before = None
    assert (await worker.attempt()).status == "withdrawn"
    assert receiver.got == []


async def test_for_an_effect_that_is_done_it_is_too_late(worker: Worker, store: Store) -> None:
    done = await worker.attempt()
    assert await withdraw(store) == [done]


async def test_for_an_effect_that_is_uncertain_it_is_too_late(worker: Worker, store: Store) -> None:
    await worker.attempt_until_killed(Checkpoint.AFTER_ACCEPTED)
    await worker.attempt()
    assert [outcome.status for outcome in await withdraw(store)] == ["uncertain"]


async def test_an_effect_that_is_being_handed_over_tells_by_itself(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    gate = Gate()
    receiver.answer = gate
    attempt = asyncio.create_task(worker.attempt())
    await gate.reached.wait()
    assert [outcome.status for outcome in await withdraw(store)] == ["not_done"]
    gate.opened.set()
    assert (await attempt).status == "done"


async def test_an_effect_whose_hand_over_fails_after_the_withdrawal_is_withdrawn(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    gate = Gate()

    async def refused_late() -> None:
        await gate()
        raise NotHandedOver("The mail server broke off before the message")

    receiver.before = refused_late
    attempt = asyncio.create_task(worker.attempt())
    await gate.reached.wait()
    await withdraw(store)
    gate.opened.set()
    assert (await attempt).status == "withdrawn"
    receiver.before = None
    assert (await worker.attempt()).status == "withdrawn"
    assert receiver.got == []


async def test_several_are_answered_in_their_order_and_entries_ride_along(worker: Worker, store: Store) -> None:
    await worker.attempt()
    answers = await withdraw(store, "acme-1/cold/1/1/1", EFFECT, entries=story())
    assert [(answer.effect, answer.status) for answer in answers] == [
        ("acme-1/cold/1/1/1", "withdrawn"), (EFFECT, "done"),
    ]  # fmt: skip
    assert all(answer.journaled for answer in answers)
    assert len(await journal.story(store, "acme-1")) == 3


async def test_withdrawing_again_changes_nothing(worker: Worker, store: Store) -> None:
    await withdraw(store)
    assert [outcome.status for outcome in await withdraw(store)] == ["withdrawn"]
    row = await ledger.row(store, EFFECT)
    assert row is not None
    assert (row.state, row.attempts) == (LedgerState.WITHDRAWN, 0)


async def test_an_effect_withdrawn_before_its_claim_has_its_kind_in_the_ledger_and_in_what_is_told_of_it(
    worker: Worker, store: Store
) -> None:
    request = WithdrawRequest(deal_id="acme-1", effects=(EFFECT,), kinds={EFFECT: "send_email"}, at=NOW)
    (told,) = await Ledger(store, confirm_by_signal).withdraw(request, "run-1")

    row = await ledger.row(store, EFFECT)
    assert row is not None
    assert (row.kind, told.kind, (await worker.attempt()).kind) == ("send_email", "send_email", "send_email")


async def test_an_effect_withdrawn_by_its_id_alone_gets_its_kind_from_the_claim_that_finds_it(
    worker: Worker, store: Store
) -> None:
    await withdraw(store)

    assert (await worker.attempt()).kind == "send_email"
    row = await ledger.row(store, EFFECT)
    assert row is not None
    assert (row.kind, row.contact, row.state) == ("send_email", "ada", LedgerState.WITHDRAWN)
