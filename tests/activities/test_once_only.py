"""An effect is handed over once, or asked about: killed anywhere, refused, retried, with its journal entries."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError

from activities.once_only import Checkpoint
from dealwright.contract import ALARM, STORE_AWAY
from dealwright.effects import Notify
from integrations.kit.delivery import Delivery
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from store import journal, ledger
from store.database import Store
from store.ledger import LedgerState
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Receiver
from tests.activities.ledger_state import EFFECT, state_of
from tests.store.samples import NOW, email, entered, story

IN_THE_MIDDLE = (Checkpoint.BEFORE_HAND_OVER, Checkpoint.AFTER_ACCEPTED, Checkpoint.BEFORE_RECORD)


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
