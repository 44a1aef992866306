"""Cool-off in the store: what one deal says holds back the marketing of all others, and an answer ends it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from dealwright.effects import Cap, SendEmail
from dealwright.entries import COOLED_ACCOUNT, COOLED_CONTACT, CoolOffBegan
from store import journal
from store.database import Store
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Receiver
from tests.store.samples import BOB, NOW, email, fact

DAY = timedelta(days=1)
BEGAN = CoolOffBegan(at=NOW, number=7, account="acme", addresses=("ada@acme.test",), why="nobody answered")


def letter(number: int, account: str = "acme", address: str = "ada@acme.test", **changes: object) -> SendEmail:
    keys = ((COOLED_ACCOUNT, account), (COOLED_CONTACT, address))
    caps = tuple(Cap(scope=scope, key=key, per=90 * DAY, most=1, counts=False) for scope, key in keys)
    return email(f"deal-{number}/cold/1/0/1", caps=caps, **changes)


async def tell(store: Store, *entries: CoolOffBegan, deal_id: str = "other") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, "r1")


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (letter(1, address="bob@acme.test", to=BOB), "their company is left alone for a while, as a deal said"),
        (letter(1, "acme-inc", "Ada@Acme.test"), "they are left alone for a while, as a deal said"),
    ],
)
async def test_marketing_of_another_deal_waits_until_the_cool_off_is_over(
    worker: Worker, store: Store, receiver: Receiver, one: SendEmail, why: str
) -> None:
    await tell(store, BEGAN)

    outcome = await worker.attempt(one, at=NOW + DAY)

    assert (outcome.status, outcome.until, outcome.reason) == ("deferred", NOW + 90 * DAY, why)
    assert receiver.got == []
    assert (await worker.attempt(one, at=NOW + 90 * DAY)).status == "done"


async def test_others_are_not_left_alone(worker: Worker, store: Store) -> None:
    await tell(store, BEGAN)

    assert (await worker.attempt(letter(1, "globex", "bob@globex.test", to=BOB), at=NOW + DAY)).status == "done"


async def test_messages_do_not_begin_a_cool_off(worker: Worker) -> None:
    outcomes = await asyncio.gather(*(worker.attempt(letter(number)) for number in range(4)))

    assert {outcome.status for outcome in outcomes} == {"done"}


async def test_an_answer_ends_it_for_the_whole_account(worker: Worker, store: Store) -> None:
    await tell(store, BEGAN)
    reply = fact(1, "reply_received", variant="other", addresses=["ada@acme.test"], happened_at=NOW + DAY)
    async with store.writing() as connection:
        await journal.write(store, connection, "third", [reply], "r1")

    assert (await worker.attempt(letter(1, address="bob@acme.test", to=BOB), at=NOW + 2 * DAY)).status == "done"


async def test_an_answer_from_before_ends_nothing(worker: Worker, store: Store) -> None:
    await tell(store, BEGAN)
    reply = fact(1, "reply_received", variant="other", addresses=["ada@acme.test"], happened_at=NOW - DAY)
    async with store.writing() as connection:
        await journal.write(store, connection, "third", [reply], "r1")

    assert (await worker.attempt(letter(1), at=NOW + DAY)).status == "deferred"


async def test_the_same_entries_written_again_begin_it_once(worker: Worker, store: Store) -> None:
    await tell(store, BEGAN)
    await tell(store, BEGAN)

    assert (await worker.attempt(letter(1), at=NOW + DAY)).until == NOW + 90 * DAY


async def test_of_two_the_later_one_holds(worker: Worker, store: Store) -> None:
    await tell(store, BEGAN)
    await tell(store, BEGAN.model_copy(update={"at": NOW + 10 * DAY}), deal_id="third")

    assert (await worker.attempt(letter(1), at=NOW + 20 * DAY)).until == NOW + 100 * DAY
