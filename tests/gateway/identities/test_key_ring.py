"""What a gateway knows of keys, and how soon."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.identities import key_ring
from gateway.identities.key_ring import KEPT_WITHOUT_STORE, READ_AGAIN, READ_AGAIN_FOR_NEW, KeyRing
from store import api_keys
from store.api_keys import KnownKey, NewKey, Scope
from store.database import Store
from store.errors import StoreAway
from store.key_text import new_key

WANTED = NewKey(name="crm-sync", scopes=frozenset({Scope.READ}))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Readings:
    """How often the store is read, and whether it answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self.away = 0, False
        monkeypatch.setattr(key_ring, "good_keys", self)

    async def __call__(self, store: Store, now: datetime) -> list[KnownKey]:
        self.count += 1
        if self.away:
            raise StoreAway(TimeoutError("gone"))
        return await api_keys.good_keys(store, now)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Readings:
    return Readings(monkeypatch)


async def test_a_revoked_key_opens_no_more_once_the_keys_are_read_again(store: Store) -> None:
    clock = Clock()
    ring, made = KeyRing(store, clock=clock), await api_keys.create(store, WANTED, by="max", now=datetime.now(UTC))
    caller = await ring.find(made.key)
    assert caller is not None
    assert (caller.name, caller.key_id, set(caller.scopes)) == ("crm-sync", made.about.id, {Scope.READ})
    await api_keys.revoke(store, made.about.id, by="max", now=datetime.now(UTC))
    clock.now += READ_AGAIN
    assert await ring.find(made.key) is None


async def test_a_new_key_opens_within_a_second(store: Store) -> None:
    clock = Clock()
    ring = KeyRing(store, clock=clock)
    assert await ring.find(new_key()) is None
    made = await api_keys.create(store, WANTED, by="max", now=datetime.now(UTC))
    clock.now += READ_AGAIN_FOR_NEW
    assert await ring.find(made.key) is not None


async def test_wrong_keys_cost_the_store_nothing(store: Store, readings: Readings) -> None:
    ring = KeyRing(store, clock=Clock())
    await asyncio.gather(*(ring.find(new_key()) for _ in range(500)), *(ring.find(f"dwk_{n}") for n in range(500)))
    assert readings.count == 1


async def test_keys_that_were_read_count_for_a_while_without_the_store(store: Store, readings: Readings) -> None:
    clock = Clock()
    ring, made = KeyRing(store, clock=clock), await api_keys.create(store, WANTED, by="max", now=datetime.now(UTC))
    await ring.find(made.key)
    readings.away = True
    clock.now += KEPT_WITHOUT_STORE - 1
    assert await ring.find(made.key) is not None
    clock.now += 2
    for _ in range(10):
        with pytest.raises(StoreAway):
            await ring.find(made.key)
    assert readings.count == 2


async def test_keys_of_the_environment_need_no_store(tmp_path: Path) -> None:
    ring = KeyRing(Store.open(f"sqlite:///{tmp_path / 'nothing.db'}"), ("a-key-of-the-tests-1",))
    caller = await ring.find("a-key-of-the-tests-1")
    assert caller is not None
    assert (caller.speaks_as, caller.may_speak_for, set(caller.scopes)) == ("service:environment", (), {Scope.ADMIN})
