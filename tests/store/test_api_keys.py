"""Keys of the HTTP API, as the store keeps them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from store import api_keys, key_text
from store.api_keys import KeyNameTaken, KeyRevoked, NewKey, NoSuchKey, Scope, TooManyKeys
from store.database import Store
from store.tables import api_keys as table
from tests.store.samples import NOW

SYNC = NewKey(name="crm-sync", scopes=frozenset({Scope.TELL, Scope.OPEN}), days=90)
DAY = timedelta(days=1)


def test_a_key_is_recognised_by_how_it_begins_and_by_its_checksum() -> None:
    key = key_text.new_key()
    assert key_text.PATTERN.fullmatch(key)
    assert key_text.is_key(key)
    for wrong in (key[:-1], f"{key}x", key.replace("dwk_", "dwx_"), key[:20] + chr(ord(key[20]) ^ 1) + key[21:], ""):
        assert not key_text.is_key(wrong)


def test_no_two_keys_are_alike() -> None:
    assert len({key_text.id_of(key_text.new_key()) for _ in range(1000)}) == 1000


async def test_a_key_is_kept_as_its_digest_only(store: Store) -> None:
    made = await api_keys.create(store, SYNC, by="max@us.example", now=NOW)
    async with store.reading() as connection:
        (row,) = (await connection.execute(select(table))).all()
    assert made.key[13:] not in repr(tuple(row))
    assert made.key not in repr(made)
    assert bytes(row.digest) == key_text.digest_of(made.key)
    assert (made.about.id, made.about.created_by, made.about.expires_at) == (
        made.key[4:12],
        "max@us.example",
        NOW + 90 * DAY,
    )


async def test_a_name_belongs_to_one_key_that_is_good(store: Store) -> None:
    made = await api_keys.create(store, SYNC, by="max", now=NOW)
    with pytest.raises(KeyNameTaken, match="crm-sync"):
        await api_keys.create(store, SYNC, by="max", now=NOW + DAY)
    await api_keys.revoke(store, made.about.id, by="max", now=NOW + DAY)
    again = await api_keys.create(store, SYNC, by="max", now=NOW + DAY)
    assert [one.id for one in await api_keys.list_keys(store, good_at=NOW + DAY)] == [again.about.id]


async def test_a_key_that_was_revoked_stays_as_it_was_revoked_first(store: Store) -> None:
    made = await api_keys.create(store, SYNC, by="max", now=NOW)
    await api_keys.revoke(store, made.about.id, by="max", now=NOW + DAY)
    revoked = await api_keys.revoke(store, made.about.id, by="ben", now=NOW + 2 * DAY)
    assert (revoked.revoked_by, revoked.revoked_at) == ("max", NOW + DAY)
    assert await api_keys.good_keys(store, NOW + DAY) == []
    with pytest.raises(NoSuchKey):
        await api_keys.revoke(store, "a1B2c3D4", by="max", now=NOW)


async def test_a_key_that_replaces_another_may_do_the_same_and_the_old_one_goes(store: Store) -> None:
    wanted = SYNC.model_copy(update={"may_speak_for": ("@us.example",)})
    old = await api_keys.create(store, wanted, by="max", now=NOW)
    new = await api_keys.rotate(store, old.about.id, overlap=timedelta(hours=2), by="ben", now=NOW + DAY)
    changed = {"id", "created_at", "created_by", "expires_at"}
    assert new.about.model_dump(exclude=changed) == old.about.model_dump(exclude=changed)
    assert new.about.expires_at == NOW + 91 * DAY
    soon = {one.about.id for one in await api_keys.good_keys(store, NOW + DAY + timedelta(hours=1))}
    assert soon == {old.about.id, new.about.id}
    later = [one.about.id for one in await api_keys.good_keys(store, NOW + DAY + timedelta(hours=2))]
    assert later == [new.about.id]
    with pytest.raises(KeyRevoked):
        await api_keys.rotate(store, old.about.id, overlap=DAY, by="ben", now=NOW + 3 * DAY)


async def test_there_are_not_more_keys_than_a_gateway_keeps(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "MOST_KEYS", 1)
    made = await api_keys.create(store, SYNC, by="max", now=NOW)
    with pytest.raises(TooManyKeys):
        await api_keys.rotate(store, made.about.id, overlap=DAY, by="max", now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "environment"},
        {"name": "Crm Sync"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"acts_for": "Ben"},
        {"may_speak_for": ["*"]},
        {"may_speak_for": ["@"]},
        {"may_speak_for": ["sales_manager"]},
        {"acts_for": "ben@us.example", "may_speak_for": ["@us.example"]},
        {"days": 0},
        {"days": 4000},
        {"owner": "ben"},
    ],
)
def test_what_no_key_may_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewKey.model_validate({"name": "crm-sync", "scopes": ["read"], **wrong})
