"""What the store checks before a person is asked to call, text or write to somebody: what other deals know of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dealwright.effects import Cap, CreateTask
from dealwright.entries import Entry, TaskClosed, TaskOpened, TouchesHeld
from store import journal, suppression
from store.database import Store
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Receiver
from tests.store.samples import ADA, NOW, fact

DAY = timedelta(days=1)
TWICE_A_WEEK = (Cap(scope="call", key="ada@acme.test", per=7 * DAY, most=2),)


def call(number: int, *, channel: str = "call", mark: str = "", **changes: object) -> CreateTask:
    id_ = f"deal-{number}/reach/1/1{mark}/1"
    values = {"id": id_, "at": NOW, "summary": "Ask rep: ring", "task": id_, "role": "rep", "title": "ring"}
    return CreateTask.model_validate(
        {**values, "due_at": NOW + DAY, "channel": channel, "reaches": ADA, "caps": TWICE_A_WEEK, **changes}
    )


async def tell(store: Store, *entries: Entry, deal_id: str = "other") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, "r1")


def said(number: int, name: str, channel: str = "call", at: datetime = NOW, **changes: object) -> Entry:
    told = {"variant": channel, "addresses": ["ada@acme.test"], "happened_at": at}
    return fact(number, name, **{**told, **changes})


def closed(number: int, how: str, at: datetime, mark: str = "") -> TaskClosed:
    return TaskClosed(at=at, number=2, task=f"deal-{number}/reach/1/1{mark}/1", title="ring", how=how)


async def test_whoever_refused_calls_in_one_deal_is_called_in_no_other_one(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    await tell(store, said(1, "channel_refused"))

    outcome = await worker.attempt(call(1))

    assert (outcome.status, outcome.refused_at) == ("deferred", NOW)
    assert outcome.reason == "they do not want to be reached by the channel call, as another deal was told"
    assert receiver.got == []


async def test_a_refused_channel_is_that_one_only(worker: Worker, store: Store) -> None:
    await tell(store, said(1, "channel_refused", "sms"))

    assert (await worker.attempt(call(1))).status == "done"


@pytest.mark.parametrize(("days", "status"), [(-1, "deferred"), (1, "done")])
async def test_what_they_said_last_counts(worker: Worker, store: Store, days: int, status: str) -> None:
    await tell(store, said(1, "channel_refused"))
    await tell(store, said(1, "channel_allowed", at=NOW + days * DAY), deal_id="third")

    assert (await worker.attempt(call(1))).status == status


async def test_what_this_deal_was_told_later_counts_more(worker: Worker, store: Store) -> None:
    await tell(store, said(1, "channel_refused"))

    assert (await worker.attempt(call(1, allowed_at=NOW + DAY))).status == "done"


async def test_a_refusal_that_was_taken_back_is_none(worker: Worker, store: Store) -> None:
    await tell(store, said(1, "channel_refused"))
    await tell(store, fact(2, "fact_retracted", retracts="channel_refused", happened_at=NOW + DAY))

    assert (await worker.attempt(call(1))).status == "done"


@pytest.mark.parametrize(("channel", "status"), [("sms", "deferred"), ("social", "deferred"), ("call", "done")])
async def test_whoever_opted_out_in_one_deal_is_written_to_in_no_other_one(
    worker: Worker, store: Store, channel: str, status: str
) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out, told by deal other", NOW)

    assert (await worker.attempt(call(1, channel=channel, caps=()))).status == status


async def test_a_mailbox_that_is_gone_keeps_nobody_from_texting(worker: Worker, store: Store) -> None:
    async with store.writing() as connection:
        listed = suppression.SuppressedAddress(
            address="ada@acme.test", reason="email bounced, told by deal other", since=NOW, deal_id="other"
        )
        await suppression.write(store, connection, listed, bounced=True)

    assert (await worker.attempt(call(1, channel="sms", caps=()))).status == "done"


async def test_whoever_is_away_is_called_when_they_are_back(worker: Worker, store: Store) -> None:
    held = TouchesHeld(at=NOW, number=1, until=NOW + 3 * DAY, why="away", told_at=NOW, addresses=("ada@acme.test",))
    await tell(store, held)

    outcome = await worker.attempt(call(1))

    assert (outcome.status, outcome.until, outcome.away_since) == ("deferred", NOW + 3 * DAY, NOW)


async def test_the_limit_of_a_channel_counts_the_calls_of_all_deals(worker: Worker) -> None:
    statuses = [(await worker.attempt(call(number), at=NOW + number * DAY)).status for number in (1, 2)]
    third = await worker.attempt(call(3), at=NOW + 3 * DAY)

    assert statuses == ["done", "done"]
    assert (third.status, third.until) == ("deferred", NOW + 8 * DAY)
    assert third.reason == "they were reached by call 2 times within 7 days, in all deals"
    assert (await worker.attempt(call(3), at=NOW + 8 * DAY)).status == "done"


async def test_a_call_counts_from_when_it_was_made(worker: Worker, store: Store) -> None:
    await worker.attempt(call(1))
    await tell(store, closed(1, "done", NOW + 5 * DAY), deal_id="deal-1")
    await worker.attempt(call(2), at=NOW + 6 * DAY)

    assert (await worker.attempt(call(3), at=NOW + 8 * DAY)).until == NOW + 12 * DAY


async def test_a_call_that_was_called_off_counts_no_longer(worker: Worker, store: Store) -> None:
    await worker.attempt(call(1))
    await worker.attempt(call(2))
    await tell(store, closed(1, "cancelled", NOW), deal_id="deal-1")

    assert (await worker.attempt(call(3))).status == "done"


async def test_a_call_that_somebody_else_has_to_make_now_counts_once(worker: Worker, store: Store) -> None:
    await worker.attempt(call(1))
    again = TaskOpened(
        at=NOW, number=3, task="deal-1/reach/1/1.given1/1", title="ring", name="ring", role="rep", due_at=NOW
    )
    await tell(store, closed(1, "cancelled", NOW), again, deal_id="deal-1")
    await worker.attempt(call(1, mark=".given1", caps=()))

    assert (await worker.attempt(call(2))).status == "done"
    assert (await worker.attempt(call(3))).status == "deferred"


PHONE = "+491701234567"
BY_PHONE_ONLY = {"id": "ada", "name": "Ada", "phone": "+49 170 1234567"}


async def test_whoever_is_known_by_phone_alone_is_called_in_no_deal_once_they_refused(
    worker: Worker, store: Store
) -> None:
    await tell(store, said(1, "channel_refused", addresses=[PHONE]))

    outcome = await worker.attempt(call(1, reaches=BY_PHONE_ONLY, caps=()))

    assert (outcome.status, outcome.refused_at) == ("deferred", NOW)


async def test_what_was_said_of_a_number_holds_for_whoever_is_reached_at_it(worker: Worker, store: Store) -> None:
    await tell(store, said(1, "channel_refused", addresses=[PHONE]))

    with_both = {**BY_PHONE_ONLY, "email": "ada@acme.test"}
    assert (await worker.attempt(call(1, reaches=with_both, caps=()))).status == "deferred"
    assert (await worker.attempt(call(2, reaches={**BY_PHONE_ONLY, "phone": "+4930123456"}, caps=()))).status == "done"


@pytest.mark.parametrize(("days", "status"), [(-1, "deferred"), (1, "done")])
async def test_of_an_address_and_a_number_what_was_said_last_counts(
    worker: Worker, store: Store, days: int, status: str
) -> None:
    await tell(store, said(1, "channel_refused", addresses=[PHONE]))
    await tell(store, said(1, "channel_allowed", at=NOW + days * DAY), deal_id="third")

    with_both = {**BY_PHONE_ONLY, "email": "ada@acme.test"}
    assert (await worker.attempt(call(1, reaches=with_both, caps=()))).status == status


@pytest.mark.parametrize(("channel", "status"), [("sms", "deferred"), ("social", "deferred"), ("call", "done")])
async def test_whoever_opted_out_by_their_number_is_written_to_in_no_deal(
    worker: Worker, store: Store, channel: str, status: str
) -> None:
    await suppression.suppress(store, PHONE, "opted out, told by deal other", NOW)

    assert (await worker.attempt(call(1, channel=channel, reaches=BY_PHONE_ONLY, caps=()))).status == status


@pytest.mark.parametrize(("channel", "status"), [("sms", "deferred"), ("social", "done")])
async def test_a_number_that_stopped_texts_is_no_opt_out_of_all_else(
    worker: Worker, store: Store, channel: str, status: str
) -> None:
    await tell(store, said(1, "channel_refused", "sms", addresses=[PHONE]))

    assert (await worker.attempt(call(1, channel=channel, reaches=BY_PHONE_ONLY, caps=()))).status == status


async def test_an_opt_out_after_the_stop_counts_for_all_that_is_written(worker: Worker, store: Store) -> None:
    await tell(store, said(1, "channel_refused", "sms", addresses=[PHONE]))
    await tell(store, fact(2, "opted_out", addresses=[PHONE], happened_at=NOW))

    assert (await worker.attempt(call(1, channel="social", reaches=BY_PHONE_ONLY, caps=()))).status == "deferred"


async def test_whoever_is_known_by_phone_alone_and_away_is_called_when_they_are_back(
    worker: Worker, store: Store
) -> None:
    held = TouchesHeld(at=NOW, number=1, until=NOW + 3 * DAY, why="away", told_at=NOW, addresses=(PHONE,))
    await tell(store, held)

    outcome = await worker.attempt(call(1, reaches=BY_PHONE_ONLY, caps=()))

    assert (outcome.status, outcome.until) == ("deferred", NOW + 3 * DAY)
