"""What each class of delivery does about a call of which nobody knows whether it was taken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.once_only import Checkpoint, Patience, Prepare
from integrations.kit.delivery import LONGEST_CALL, Absent, Delivery, Idempotency, Part, Unsure
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from store.database import Store
from store.ledger import LedgerState
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Receiver
from tests.activities.ledger_state import EFFECT, state_of

IN_THE_MIDDLE = (Checkpoint.BEFORE_HAND_OVER, Checkpoint.AFTER_ACCEPTED, Checkpoint.BEFORE_RECORD)
A_CALL_LATER = LONGEST_CALL + timedelta(seconds=5)
LAG = timedelta(minutes=3)


def of_class(receiver: Receiver, idempotency: Idempotency) -> Prepare:
    return receiver.prepared(EFFECT, idempotency, visible_after=LAG)


async def hang_up() -> None:
    raise Unanswered("the connection broke")


@pytest.mark.parametrize("at", list(Checkpoint))
async def test_killed_anywhere_what_the_vendor_knows_by_its_id_arrives_once(
    worker: Worker, receiver: Receiver, at: Checkpoint
) -> None:
    prepare = of_class(receiver, Idempotency.VENDOR)
    await worker.attempt_until_killed(at, prepare=prepare)
    assert (await worker.attempt(prepare=prepare)).status == "done"
    assert receiver.got == [EFFECT]


@pytest.mark.parametrize("at", list(Checkpoint))
async def test_killed_anywhere_what_can_be_searched_arrives_once(
    worker: Worker, receiver: Receiver, at: Checkpoint
) -> None:
    prepare = of_class(receiver, Idempotency.SEARCHABLE)
    await worker.attempt_until_killed(at, prepare=prepare)
    outcome = await worker.attempt(prepare=prepare, later=A_CALL_LATER + LAG)
    assert (outcome.status, outcome.reference) == ("done", f"<{EFFECT}>")
    assert receiver.got == [EFFECT]
    assert receiver.linked[-1] == f"<{EFFECT}>"


@pytest.mark.parametrize("at", list(Checkpoint))
async def test_killed_anywhere_what_bears_a_mark_never_arrives_twice(
    worker: Worker, receiver: Receiver, at: Checkpoint
) -> None:
    prepare = of_class(receiver, Idempotency.MARKER)
    await worker.attempt_until_killed(at, prepare=prepare)
    status = (await worker.attempt(prepare=prepare, later=A_CALL_LATER + LAG)).status
    assert status == ("uncertain" if at is Checkpoint.BEFORE_HAND_OVER else "done")
    assert receiver.got == ([] if at is Checkpoint.BEFORE_HAND_OVER else [EFFECT])


@pytest.mark.parametrize("at", list(Checkpoint))
async def test_killed_anywhere_what_nobody_can_be_asked_about_never_arrives_twice(
    worker: Worker, receiver: Receiver, at: Checkpoint
) -> None:
    prepare = of_class(receiver, Idempotency.NONE)
    await worker.attempt_until_killed(at, prepare=prepare)
    before = list(receiver.got)
    status = (await worker.attempt(prepare=prepare, later=A_CALL_LATER)).status
    assert status == ("uncertain" if at in IN_THE_MIDDLE else "done")
    assert receiver.got == (before if at in IN_THE_MIDDLE else [EFFECT])


@pytest.mark.parametrize("idempotency", [Idempotency.SEARCHABLE, Idempotency.MARKER])
async def test_an_index_that_lags_proves_nothing(worker: Worker, receiver: Receiver, idempotency: Idempotency) -> None:
    prepare = of_class(receiver, idempotency)
    await worker.attempt_until_killed(Checkpoint.AFTER_ACCEPTED, prepare=prepare)
    receiver.lookup = Absent()
    for later in (timedelta(0), LAG):
        with pytest.raises(ApplicationError, match="may be on its way") as again:
            await worker.attempt(prepare=prepare, later=later)
        assert again.value.next_retry_delay is not None
        assert timedelta(0) < again.value.next_retry_delay <= LONGEST_CALL + LAG
    receiver.lookup = None
    assert (await worker.attempt(prepare=prepare, later=A_CALL_LATER + LAG)).status == "done"
    assert receiver.got == [EFFECT]


async def test_a_call_that_was_made_again_lags_anew(worker: Worker, receiver: Receiver) -> None:
    prepare = of_class(receiver, Idempotency.SEARCHABLE)
    await worker.attempt_until_killed(Checkpoint.BEFORE_HAND_OVER, prepare=prepare)
    receiver.answer, later = hang_up, A_CALL_LATER + LAG
    with pytest.raises(ApplicationError, match="the connection broke"):
        await worker.attempt(prepare=prepare, later=later)
    receiver.answer, receiver.lookup = None, Absent()
    with pytest.raises(ApplicationError, match="may be on its way"):
        await worker.attempt(prepare=prepare, later=later + LAG)
    assert receiver.got == [EFFECT]


async def test_a_search_that_settles_nothing_is_repeated_until_patience_ends(
    worker: Worker, receiver: Receiver, store: Store
) -> None:
    prepare = of_class(receiver, Idempotency.SEARCHABLE)
    await worker.attempt_until_killed(Checkpoint.BEFORE_HAND_OVER, prepare=prepare)
    receiver.lookup = Unsure("two tasks bear the mark")
    with pytest.raises(ApplicationError, match="two tasks bear the mark"):
        await worker.attempt(prepare=prepare, later=Patience().to_find / 2)
    assert await state_of(store) is LedgerState.HANDING_OVER
    outcome = await worker.attempt(prepare=prepare, later=Patience().to_find * 2)
    assert (outcome.status, outcome.reason) == ("uncertain", "two tasks bear the mark")


@pytest.mark.parametrize("idempotency", [Idempotency.VENDOR, Idempotency.SEARCHABLE, Idempotency.MARKER])
async def test_a_call_without_an_answer_is_looked_into_before_anybody_is_asked(
    worker: Worker, receiver: Receiver, idempotency: Idempotency
) -> None:
    prepare = of_class(receiver, idempotency)
    receiver.answer = hang_up
    with pytest.raises(ApplicationError, match=r"the connection broke\. It is not known yet"):
        await worker.attempt(prepare=prepare)
    receiver.answer = None
    assert (await worker.attempt(prepare=prepare, later=A_CALL_LATER + LAG)).status == "done"
    assert receiver.got == [EFFECT]


async def test_a_vendor_that_is_away_when_it_is_asked_is_asked_again(worker: Worker, receiver: Receiver) -> None:
    async def away() -> None:
        raise NotHandedOver("The CRM does not answer", retry_after=timedelta(minutes=2))

    async def not_ready() -> Delivery:
        await away()
        raise AssertionError

    prepare = of_class(receiver, Idempotency.SEARCHABLE)
    await worker.attempt_until_killed(Checkpoint.AFTER_ACCEPTED, prepare=prepare)
    with pytest.raises(ApplicationError, match=r"The CRM does not answer\. It is not known yet") as again:
        await worker.attempt(prepare=not_ready)
    assert again.value.next_retry_delay == timedelta(minutes=2)
    assert (await worker.attempt(prepare=prepare)).status == "done"


# --- effects of several calls ------------------------------------------------------------------------------------


def in_two(receiver: Receiver, part: Idempotency, whole: Idempotency) -> Prepare:
    """A record that has to be there first, and a note on it."""

    async def prepare() -> Delivery:
        record = Part(name="record", delivery=receiver.delivery("record", part))
        return receiver.delivery("note", whole, before=(record,))

    return prepare


@pytest.mark.parametrize("part", [Idempotency.VENDOR, Idempotency.SEARCHABLE])
@pytest.mark.parametrize("whole", [Idempotency.VENDOR, Idempotency.SEARCHABLE])
@pytest.mark.parametrize("place", range(10))
async def test_killed_anywhere_each_call_of_an_effect_arrives_once(
    worker: Worker, receiver: Receiver, part: Idempotency, whole: Idempotency, place: int
) -> None:
    prepare = in_two(receiver, part, whole)
    outcome = await worker.attempt_killed_at_the(place, prepare=prepare)
    for _ in range(2):
        if outcome is None or outcome.status != "done":
            outcome = await worker.attempt(prepare=prepare, later=A_CALL_LATER)
    assert outcome is not None
    assert outcome.status == "done"
    assert receiver.got == ["record", "note"]


async def test_what_is_known_to_be_there_is_not_made_again_though_what_follows_fails(
    worker: Worker, receiver: Receiver, store: Store
) -> None:
    prepare = in_two(receiver, Idempotency.NONE, Idempotency.NONE)

    async def note_is_not_taken() -> None:
        if "record" in receiver.got:
            raise NotHandedOver("too many calls")

    receiver.before = note_is_not_taken
    with pytest.raises(ApplicationError, match=r"too many calls\. Nothing was handed over"):
        await worker.attempt(prepare=prepare)
    assert await state_of(store) is LedgerState.RELEASED
    receiver.before = None
    assert (await worker.attempt(prepare=prepare)).status == "done"
    assert receiver.got == ["record", "note"]


async def test_an_effect_whose_first_call_is_uncertain_is_uncertain_and_goes_no_further(
    worker: Worker, receiver: Receiver
) -> None:
    prepare = in_two(receiver, Idempotency.NONE, Idempotency.VENDOR)
    receiver.answer = hang_up
    outcomes = [await worker.attempt(prepare=prepare) for _ in range(2)]
    assert [(outcome.status, outcome.reason) for outcome in outcomes] == [("uncertain", "the connection broke")] * 2
    assert receiver.got == ["record"]


async def test_an_effect_whose_first_call_is_refused_fails(worker: Worker, receiver: Receiver) -> None:
    async def never() -> None:
        raise Refused("no such pipeline")

    receiver.before = never
    for part in (Idempotency.NONE, Idempotency.VENDOR):
        outcome = await worker.attempt(prepare=in_two(receiver, part, Idempotency.VENDOR))
        assert (outcome.status, outcome.reason) == ("failed", "no such pipeline")


async def test_the_reference_is_that_of_the_last_call_that_has_one(worker: Worker, receiver: Receiver) -> None:
    async def post() -> None:
        receiver.got.append("letter")

    async def prepare() -> Delivery:
        kept = Part(name="kept", delivery=receiver.delivery("kept", Idempotency.SEARCHABLE))
        return Delivery(send=post, before=(kept,))

    assert (await worker.attempt(prepare=prepare)).reference == "<kept>"


def test_what_is_to_be_found_needs_a_way_to_find_it() -> None:
    async def send() -> None:
        return

    with pytest.raises(ValueError, match="searchable needs a way to find"):
        Delivery(send=send, idempotency=Idempotency.SEARCHABLE)


def test_what_is_never_looked_for_needs_none() -> None:
    async def send() -> None:
        return

    async def find() -> Absent:
        return Absent()

    with pytest.raises(ValueError, match="vendor is never looked for"):
        Delivery(send=send, idempotency=Idempotency.VENDOR, find=find)
