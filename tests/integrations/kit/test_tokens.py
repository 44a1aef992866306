"""Access tokens over many workers: asked for once, kept before they are used, nothing spent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.oauth import OAuthGrant, refresh_form
from integrations.kit.tokens import NewToken, SharedTokens
from store import tool_tokens
from store.database import Store
from tests.activities.fake_receiver import Killed
from tests.simulators.scripted_api import Says, scripted_api
from tests.store.samples import NOW


@dataclass
class Vendor:
    """A vendor that takes each refresh token once, and ends everything when one comes again."""

    spends: bool = True
    given: int = 0
    asked: list[str | None] = field(default_factory=list)
    revoked: bool = False
    fault: Callable[[], BaseException | None] = lambda: None
    """What happens after the vendor has given a token, instead of an answer."""

    async def __call__(self, refresh: str | None) -> NewToken:
        self.asked.append(refresh)
        await asyncio.sleep(0)
        if self.spends and self.asked.count(refresh) > 1:
            self.revoked = True
        if self.revoked:
            raise Refused("invalid_grant")
        self.given += 1
        if (fault := self.fault()) is not None:
            raise fault
        refresh = f"refresh-{self.given}" if self.spends else None
        return NewToken(access=f"access-{self.given}", refresh=refresh, lasts=timedelta(hours=1))


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
async def stores(store: Store, database_url: str) -> AsyncIterator[list[Store]]:
    others = [Store.open(database_url) for _ in range(3)]
    yield [store, *others]
    for other in others:
        await other.close()


def worker(store: Store, vendor: Vendor, clock: Clock, *, refresh: str = "refresh-0") -> SharedTokens:
    return SharedTokens(store, "acme", vendor, seed=("client", refresh), first_refresh=refresh, clock=clock)


def workers(stores: list[Store], vendor: Vendor, clock: Clock) -> list[SharedTokens]:
    return [worker(store, vendor, clock) for store in stores for _ in range(3)]


async def test_many_workers_ask_once_and_all_have_the_same_token(
    stores: list[Store], vendor: Vendor, clock: Clock
) -> None:
    everybody = workers(stores, vendor, clock)
    for round_ in range(1, 4):
        had = await asyncio.gather(*(each.authorization() for each in everybody))
        assert {each.headers["Authorization"] for each in had} == {f"Bearer access-{round_}"}
        clock.now += timedelta(hours=1)
    assert vendor.asked == ["refresh-0", "refresh-1", "refresh-2"]
    assert not vendor.revoked


async def test_a_token_that_is_not_taken_is_replaced_once_though_all_workers_say_so(
    stores: list[Store], vendor: Vendor, clock: Clock
) -> None:
    everybody = workers(stores, vendor, clock)
    had = await asyncio.gather(*(each.authorization() for each in everybody))
    clock.now += timedelta(minutes=5)
    assert all(await asyncio.gather(*(each.renew(spent) for each, spent in zip(everybody, had, strict=True))))
    assert vendor.asked == ["refresh-0", "refresh-1"]
    assert {(await each.authorization()).generation for each in everybody} == {2}


async def test_a_token_that_is_new_and_not_taken_is_not_replaced(store: Store, vendor: Vendor, clock: Clock) -> None:
    one = worker(store, vendor, clock)
    assert not await one.renew(await one.authorization())
    assert len(vendor.asked) == 1


async def test_a_worker_that_dies_with_the_answer_leaves_a_token_that_nobody_spends_again(
    stores: list[Store], vendor: Vendor, clock: Clock
) -> None:
    vendor.fault = Killed
    with pytest.raises(Killed):
        await worker(stores[0], vendor, clock).authorization()
    vendor.fault = lambda: None
    clock.now += timedelta(minutes=5)
    for store in stores:
        with pytest.raises(NotHandedOver, match="the refresh token may be spent: connect anew"):
            await worker(store, vendor, clock).authorization()
    assert vendor.asked == ["refresh-0"]
    anew = worker(stores[1], vendor, clock, refresh="from-the-vendor")
    assert (await anew.authorization()).headers == {"Authorization": "Bearer access-2"}
    assert not vendor.revoked


async def test_an_answer_that_never_came_leaves_the_same_doubt(store: Store, vendor: Vendor, clock: Clock) -> None:
    vendor.fault = lambda: Unanswered("the connection broke")
    with pytest.raises(NotHandedOver, match="the connection broke"):
        await worker(store, vendor, clock).authorization()
    vendor.fault = lambda: None
    clock.now += timedelta(minutes=5)
    with pytest.raises(NotHandedOver, match="connect anew"):
        await worker(store, vendor, clock).authorization()
    assert vendor.asked == ["refresh-0"]


@pytest.mark.parametrize("fault", [Killed, lambda: Unanswered("the connection broke")])
async def test_where_nothing_is_spent_another_worker_asks_again(
    stores: list[Store], clock: Clock, fault: Callable[[], BaseException]
) -> None:
    vendor = Vendor(spends=False, fault=fault)
    with pytest.raises((Killed, NotHandedOver)):
        await worker(stores[0], vendor, clock).authorization()
    vendor.fault = lambda: None
    clock.now += timedelta(minutes=5)
    had = await worker(stores[1], vendor, clock).authorization()
    assert had.headers == {"Authorization": "Bearer access-2"}


async def test_a_vendor_that_is_away_is_asked_again_with_the_same_token(
    store: Store, vendor: Vendor, clock: Clock
) -> None:
    vendor.spends, vendor.fault = False, lambda: NotHandedOver("acme cannot be reached")
    with pytest.raises(NotHandedOver, match="cannot be reached"):
        await worker(store, vendor, clock).authorization()
    vendor.fault = lambda: None
    assert (await worker(store, vendor, clock).authorization()).generation == 1


async def test_a_refusal_is_told_and_not_asked_for_again_at_once(
    stores: list[Store], vendor: Vendor, clock: Clock
) -> None:
    vendor.revoked = True
    for store in stores:
        with pytest.raises(NotHandedOver, match=r"acme gives no access token \(invalid_grant\): connect anew"):
            await worker(store, vendor, clock).authorization()
    assert len(vendor.asked) == 1


async def test_a_token_is_kept_before_it_is_used(store: Store, vendor: Vendor, clock: Clock) -> None:
    had = await worker(store, vendor, clock).authorization()
    row = await tool_tokens.of(store, "acme", "other seed", None)
    assert row.generation == had.generation + 1, "what a person sets up anew takes its place"
    assert row.access is None


async def test_no_token_is_shown(store: Store, vendor: Vendor, clock: Clock) -> None:
    had = await worker(store, vendor, clock).authorization()
    assert "access-1" not in repr(had)
    assert "access-1" not in repr(NewToken(access="access-1"))


async def test_a_token_endpoint_is_asked_as_the_standard_says() -> None:
    async with scripted_api() as api:
        api.will_say(
            Says(200, {"access_token": "a1", "refresh_token": "r1", "expires_in": 1800, "api_domain": api.url})
        )
        grant = OAuthGrant("acme", f"{api.url}/oauth/token", refresh_form("id", "secret"), spends=True)
        new = await grant("r0")
        assert (new.access, new.refresh, new.lasts, new.base_url) == ("a1", "r1", timedelta(minutes=30), api.url)
        (got,) = api.got
        assert got.path == "/oauth/token"
        assert got.body == b"grant_type=refresh_token&client_id=id&client_secret=secret&refresh_token=r0"
        api.will_say(Says(400, {"error": "invalid_grant", "error_description": "r0-very-secret is spent"}))
        with pytest.raises(Refused, match="invalid_grant") as refused:
            await grant("r0-very-secret")
        assert "r0-very-secret" not in str(refused.value)
