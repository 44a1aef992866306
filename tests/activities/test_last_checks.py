"""The last checks before a hand-over: suppression, caps over all deals, too late; all in the deals' time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from activities.once_only import Checkpoint
from dealwright.effects import SendEmail
from dealwright.entries import TouchesHeld
from integrations.kit.errors import NotHandedOver, Refused
from store import journal, ledger, suppression
from store.database import Store
from store.ledger import LedgerState
from store.reservations import next_free_time
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Receiver
from tests.store.samples import ADA, BOB, NOW, cap, email, fact

DAY = timedelta(days=1)


def touch(number: int, **changes: object) -> SendEmail:
    return email(f"deal-{number}/cold/1/0/1", caps=(cap(),), **changes)


async def test_a_suppressed_address_gets_no_marketing(worker: Worker, store: Store, receiver: Receiver) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW)
    outcome = await worker.attempt()
    assert (outcome.status, outcome.journaled) == ("skipped", True)
    assert outcome.reason == "the address gets no marketing: opted out"
    assert receiver.got == []


async def test_a_skipped_effect_stays_skipped(worker: Worker, store: Store, receiver: Receiver) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW)
    first = await worker.attempt()
    await suppression.remove(store, "ada@acme.test")
    assert await worker.attempt() == first
    assert receiver.got == []


async def test_a_suppressed_address_still_gets_what_is_no_marketing(worker: Worker, store: Store) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW)
    assert (await worker.attempt(email(marketing=False))).status == "done"


async def test_an_address_that_bounced_in_another_deal_gets_no_mail_at_all(worker: Worker, store: Store) -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, "acme-2", [fact(1, "email_bounced", addresses=["ada@acme.test"])])
    outcome = await worker.attempt(email(marketing=False))
    assert outcome.status == "skipped"
    assert "the address gets no mail: email bounced" in str(outcome.reason)


@pytest.mark.parametrize(
    ("first", "second"), [("Ana@Acme.test", "ana@acme.test"), ("ana@bü.test", "ANA@xn--b-eha.test")]
)
async def test_a_cap_counts_one_address_however_it_is_written(worker: Worker, first: str, second: str) -> None:
    for number, key in enumerate((first, second)):
        effect = email(f"deal-{number}/cold/1/0/1", caps=(cap(most=1).model_copy(update={"key": key}),))
        assert (await worker.attempt(effect, at=NOW)).status == ("done", "deferred")[number]


async def tell_away(store: Store, until: datetime, told_at: datetime = NOW) -> None:
    """Another deal is told that Ada is away."""
    held = TouchesHeld(
        at=told_at, number=1, until=until, why="away", contact="a", addresses=("ada@acme.test",), told_at=told_at
    )
    async with store.writing() as connection:
        await journal.write(store, connection, "acme-2", [held])


@pytest.mark.parametrize("marketing", [True, False])
async def test_who_is_away_as_another_deal_was_told_gets_mail_when_they_are_back(
    worker: Worker, store: Store, receiver: Receiver, *, marketing: bool
) -> None:
    await tell_away(store, NOW + 5 * DAY)
    outcome = await worker.attempt(email(marketing=marketing), at=NOW + DAY)
    assert (outcome.status, outcome.until, outcome.away_since) == ("deferred", NOW + 5 * DAY, NOW)
    assert outcome.reason == "they are away, as another deal was told"
    assert receiver.got == []
    assert (await worker.attempt(email(marketing=marketing), at=NOW + 5 * DAY)).status == "done"


async def test_an_absence_holds_nobody_else(worker: Worker, store: Store) -> None:
    await tell_away(store, NOW + 5 * DAY)
    assert (await worker.attempt(email(to=BOB))).status == "done"


async def test_who_wrote_since_is_not_away(worker: Worker, store: Store) -> None:
    await tell_away(store, NOW + 5 * DAY)
    wrote = fact(1, "reply_received", happened_at=NOW + DAY, addresses=["ada@acme.test"])
    async with store.writing() as connection:
        await journal.write(store, connection, "acme-3", [wrote])
    assert (await worker.attempt(at=NOW + 2 * DAY)).status == "done"


async def test_an_absence_of_a_deal_on_another_clock_holds_nothing_before_it_was_told(
    worker: Worker, store: Store
) -> None:
    await tell_away(store, NOW + 35 * DAY, told_at=NOW + 30 * DAY)
    assert (await worker.attempt(at=NOW)).status == "done"


@pytest.mark.parametrize(("back_on", "until", "away"), [(2, 7, False), (9, 9, True)])
async def test_of_an_absence_and_a_full_cap_the_longer_one_holds(
    worker: Worker, store: Store, back_on: int, until: int, *, away: bool
) -> None:
    await worker.attempt(email("deal-1/cold/1/0/1", caps=(cap(most=1),)))
    await tell_away(store, NOW + back_on * DAY)
    outcome = await worker.attempt(email("deal-2/cold/1/0/1", caps=(cap(most=1),)), at=NOW + DAY)
    assert (outcome.until, outcome.away_since) == (NOW + until * DAY, NOW if away else None)


@pytest.mark.parametrize(("late", "status"), [(timedelta(0), "done"), (timedelta(seconds=1), "skipped")])
async def test_an_effect_is_not_handed_over_after_its_time(worker: Worker, late: timedelta, status: str) -> None:
    outcome = await worker.attempt(email(not_after=NOW), at=NOW + late)
    assert outcome.status == status


async def test_a_full_cap_defers_a_touch_until_the_oldest_one_leaves_the_window(
    worker: Worker, store: Store, receiver: Receiver
) -> None:
    for number in range(3):
        assert (await worker.attempt(touch(number), at=NOW + number * DAY)).status == "done"
    deferred = await worker.attempt(touch(3), at=NOW + 3 * DAY)
    assert (deferred.status, deferred.until) == ("deferred", NOW + 7 * DAY)
    assert deferred.reason == "the contact has its 3 touches within 7 days"
    row = await ledger.row(store, touch(3).id)
    assert row is not None
    assert row.state is LedgerState.RELEASED
    assert (await worker.attempt(touch(3), at=NOW + 7 * DAY)).status == "done"
    assert len(receiver.got) == 4


async def test_a_cap_counts_one_contact_over_all_deals_and_no_other_contact(worker: Worker) -> None:
    for number in range(3):
        await worker.attempt(touch(number))
    assert (await worker.attempt(touch(3))).status == "deferred"
    other = email("deal-4/cold/1/0/1", caps=(cap(key="bob@acme.test"),))
    assert (await worker.attempt(other)).status == "done"


async def test_the_cap_that_has_room_last_decides(worker: Worker) -> None:
    rep = cap(most=1, per=DAY, scope="rep", key="jane@seller.test")
    await worker.attempt(email("deal-1/cold/1/0/1", caps=(cap(most=1), rep)))
    outcome = await worker.attempt(email("deal-2/cold/1/0/1", caps=(rep, cap(most=1))))
    assert outcome.until == NOW + 7 * DAY
    only_rep = await worker.attempt(email("deal-3/cold/1/0/1", caps=(rep,)))
    assert (only_rep.until, only_rep.reason) == (NOW + DAY, "the rep has its 1 touches within 1 day")


async def test_a_touch_that_was_not_handed_over_does_not_count(worker: Worker, receiver: Receiver) -> None:
    async def away() -> None:
        raise NotHandedOver("The mail server does not answer")

    async def never() -> None:
        raise Refused("550 no such user")

    receiver.before = away
    for number in range(3):
        await worker.failed_attempt(touch(number))
    receiver.before = never
    for number in range(3, 6):
        await worker.attempt(touch(number))
    receiver.before = None
    assert [(await worker.attempt(touch(number))).status for number in range(6, 10)] == ["done"] * 3 + ["deferred"]


async def test_a_touch_that_is_uncertain_counts(worker: Worker) -> None:
    for number in range(3):
        await worker.attempt_until_killed(Checkpoint.AFTER_ACCEPTED, touch(number))
    assert (await worker.attempt(touch(3))).status == "deferred"


async def test_a_deal_on_a_clock_of_its_own_counts_in_its_own_time(worker: Worker) -> None:
    a_year_on = NOW + 365 * DAY
    for number in range(3):
        await worker.attempt(touch(number), at=a_year_on)
    assert (await worker.attempt(touch(3), at=NOW)).status == "done"
    assert (await worker.attempt(touch(4), at=a_year_on)).status == "deferred"


async def test_a_clock_that_is_a_moment_behind_sees_the_touches_ahead_of_it(worker: Worker) -> None:
    for number in range(3):
        await worker.attempt(touch(number), at=NOW + timedelta(milliseconds=5))
    assert (await worker.attempt(touch(3), at=NOW)).status == "deferred"


async def test_a_cap_of_none_lets_nothing_through(worker: Worker, receiver: Receiver) -> None:
    outcome = await worker.attempt(email(caps=(cap(most=0),)))
    assert (outcome.status, outcome.until) == ("deferred", NOW + 7 * DAY)
    assert receiver.got == []


async def test_ten_deals_at_once_keep_to_a_cap_of_three(worker: Worker, receiver: Receiver) -> None:
    moments = [NOW + timedelta(milliseconds=7 * (number % 4)) for number in range(10)]
    outcomes = await asyncio.gather(*(worker.attempt(touch(n), at=at) for n, at in enumerate(moments)))
    assert sorted(outcome.status for outcome in outcomes) == ["deferred"] * 7 + ["done"] * 3
    assert len(receiver.got) == 3


@pytest.mark.parametrize("scope", ["account", "mailbox"])
async def test_contacts_of_one_account_and_people_with_one_mailbox_share_its_limit(
    worker: Worker, receiver: Receiver, scope: str
) -> None:
    shared = cap(most=3, scope=scope, key="acme")
    touches = [email(f"deal-{n}/cold/1/0/1", to=(ADA, BOB)[n % 2], caps=(shared,)) for n in range(8)]
    outcomes = await asyncio.gather(*(worker.attempt(one) for one in touches))
    assert sorted(outcome.status for outcome in outcomes) == ["deferred"] * 5 + ["done"] * 3
    assert {outcome.reason for outcome in outcomes if outcome.reason} == {
        f"the {scope} has its 3 touches within 7 days"
    }
    assert len(receiver.got) == 3


async def test_touches_that_share_two_caps_in_any_order_never_wait_for_each_other(
    worker: Worker, receiver: Receiver
) -> None:
    caps = (cap(most=20), cap(most=20, scope="rep", key="jane@seller.test"))
    touches = [email(f"deal-{n}/cold/1/0/1", caps=caps if n % 2 else caps[::-1]) for n in range(16)]
    outcomes = await asyncio.gather(*(worker.attempt(one) for one in touches))
    assert {outcome.status for outcome in outcomes} == {"done"}
    assert len(receiver.got) == 16


def most_within(touches: list[datetime], per: timedelta) -> int:
    return max(sum(first <= other < first + per for other in touches) for first in touches)


def test_whatever_the_order_of_touches_no_span_gets_more_than_its_cap() -> None:
    wanted = [NOW + (n * 37 % 23) * timedelta(hours=9) for n in range(60)]
    for most in (1, 2, 3, 5):
        limit = cap(most=most, per=timedelta(hours=30))
        touches: list[datetime] = []
        for at in wanted:
            found = next_free_time(sorted(touches), limit, at)
            assert found >= at
            touches.append(found)
        assert most_within(touches, limit.per) == most
