"""How much customers use what they pay for, as the tools that bill them tell it: once a day, and only what is news."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.usage import Usage, UsagePlace, UsageRead, UsageReading, UsageRule
from store import intake, mirror
from store.database import Store
from tests.store.databases import migrated

TODAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Meters:
    """What was used of each subscription, by day; an error instead of a day's number is raised."""

    def __init__(self) -> None:
        self.used_on: dict[str, dict[date, int]] = {}
        self.fails: dict[str, Exception] = {}
        self.asked: list[str] = []

    async def used(self, subscription: str, meter: str, since: date, until: date) -> Decimal | None:
        assert meter == "mtr_seats"
        self.asked.append(subscription)
        if subscription in self.fails:
            raise self.fails[subscription]
        days = self.used_on.get(subscription)
        return None if days is None else Decimal(sum(n for day, n in days.items() if since <= day < until))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path))
    yield store
    await store.close()


@pytest.fixture
def meters() -> Meters:
    return Meters()


def reading(store: Store, meters: Meters, **rule: object) -> UsageReading:
    made = UsageRule.model_validate({"meter": "mtr_seats", "full": 100, "days": 30, **rule})
    return UsageReading(store=store, source="stripe", rule=made, metering=meters)


async def a_round(of: UsageReading, place: UsagePlace | None = None, now: datetime = TODAY) -> UsageRead:
    """One round to its end, kept as worker and gateway keep it."""
    found = UsageRead(place=place or UsagePlace(), more=True)
    news: list[Usage] = []
    while found.more:
        found = await of.read(found.place, now)
        news += found.news
        for one in found.seen:
            await mirror.note(of.store, "stripe", one.object_id, one.values, one.at)
    return UsageRead(place=found.place, news=news)


def health(found: UsageRead) -> dict[str, int]:
    return {one.subscription: one.health for one in found.news}


async def test_health_is_the_share_of_what_counts_as_full_over_whole_days(store: Store, meters: Meters) -> None:
    await intake.link(store, "stripe", "subscription:sub_1", "acme")
    await intake.link(store, "stripe", "subscription:sub_2", "bravo")
    meters.used_on["sub_1"] = {date(2026, 10, 3): 40, date(2026, 11, 1): 20, date(2026, 11, 2): 500}
    meters.used_on["sub_2"] = {date(2026, 10, 20): 900}

    assert health(await a_round(reading(store, meters))) == {"sub_1": 60, "sub_2": 100}


async def test_where_it_is_compared_with_before_a_falling_use_is_a_falling_health(store: Store, meters: Meters) -> None:
    for name in ("sub_fell", "sub_new", "sub_unused"):
        await intake.link(store, "stripe", f"subscription:{name}", name)
    meters.used_on["sub_fell"] = {date(2026, 9, 20): 200, date(2026, 10, 20): 50}
    meters.used_on["sub_new"] = {date(2026, 10, 20): 5}
    meters.used_on["sub_unused"] = {}

    assert health(await a_round(reading(store, meters, full="before"))) == {"sub_fell": 25, "sub_new": 100}


async def test_it_is_read_once_a_day_and_told_when_it_is_another(store: Store, meters: Meters) -> None:
    await intake.link(store, "stripe", "subscription:sub_1", "acme")
    meters.used_on["sub_1"] = {date(2026, 10, 20): 60}
    usage = reading(store, meters)
    first = await a_round(usage)
    same_day = await a_round(usage, first.place)
    next_day = await a_round(usage, first.place, TODAY + timedelta(days=1))
    meters.used_on["sub_1"][date(2026, 11, 3)] = 10
    later = await a_round(usage, next_day.place, TODAY + timedelta(days=2))

    assert [health(one) for one in (first, same_day, next_day, later)] == [{"sub_1": 60}, {}, {}, {"sub_1": 70}]
    assert later.news[0].id == "usage-sub_1-2026-11-04"
    assert len(meters.asked) == 3


async def test_a_subscription_that_is_over_or_cannot_be_read_keeps_no_other_from_being_read(
    store: Store, meters: Meters
) -> None:
    for name in ("sub_1", "sub_2", "sub_3"):
        await intake.link(store, "stripe", f"subscription:{name}", "acme")
    meters.fails["sub_2"] = Refused("it is not there")
    meters.used_on["sub_3"] = {date(2026, 10, 20): 30}

    assert health(await a_round(reading(store, meters))) == {"sub_3": 30}


async def test_what_cannot_be_read_now_is_read_at_the_next_poll_from_there(store: Store, meters: Meters) -> None:
    for name in ("sub_1", "sub_2"):
        await intake.link(store, "stripe", f"subscription:{name}", name)
        meters.used_on[name] = {date(2026, 10, 20): 30}
    meters.fails["sub_2"] = NotHandedOver("away")
    usage = reading(store, meters)
    before = await a_round(usage)
    del meters.fails["sub_2"]
    after = await a_round(usage, before.place)

    assert (health(before), health(after)) == ({"sub_1": 30}, {"sub_2": 30})
    assert after.place == UsagePlace(day=TODAY.date())


async def test_of_many_subscriptions_each_is_read_over_several_polls(store: Store, meters: Meters) -> None:
    names = [f"sub_{number:03}" for number in range(45)]
    for name in names:
        await intake.link(store, "stripe", f"subscription:{name}", name)
        meters.used_on[name] = {date(2026, 10, 20): 10}

    found = await a_round(reading(store, meters))

    assert (sorted(health(found)), meters.asked) == (names, names)


async def test_without_a_rule_nothing_is_read(store: Store, meters: Meters) -> None:
    await intake.link(store, "stripe", "subscription:sub_1", "acme")
    none = UsageReading(store=store, source="stripe", rule=None, metering=meters)

    assert (health(await a_round(none)), meters.asked, await none.health(TODAY)) == ({}, [], [])


async def test_a_meter_that_cannot_be_read_is_a_finding(store: Store, meters: Meters) -> None:
    await intake.link(store, "stripe", "subscription:sub_1", "acme")
    usage = reading(store, meters)
    well = [one.level for one in await usage.health(TODAY)]
    meters.fails["sub_1"] = Refused("Stripe has no meter mtr_seats")

    (found,) = await usage.health(TODAY)
    assert (well, found.level, found.says) == (["ok"], "problem", "Stripe has no meter mtr_seats")


@pytest.mark.parametrize("wrong", [{"full": 0}, {"full": -5}, {"full": "all"}, {"days": 0}, {"meter": ""}])
def test_a_rule_that_says_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        UsageRule.model_validate({"meter": "mtr_seats", "full": 100, **wrong})
