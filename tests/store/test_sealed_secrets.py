"""The secrets in the store are encrypted, with keys that may be replaced."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from runtime.settings import BadSettings, Settings
from store import sealed_secrets, subscriptions, tool_tokens, unsubscribe
from store.database import Store
from store.event_tables import subscriptions as events
from store.sealed_secrets import Sealing
from store.sealing import CannotUnseal, Seal
from store.tables import installation
from store.tool_tables import tool_tokens as table
from store.tool_tokens import NewToken, TokenRow
from tests.store.databases import database_url, migrated_sqlite, store
from tests.store.samples import NOW

__all__ = ["database_url", "migrated_sqlite", "store"]

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
WithKeys = Callable[..., Store]


@pytest.fixture
def database() -> str:
    return "sqlite"


@pytest.fixture
async def with_keys(store: Store, database_url: str) -> AsyncIterator[WithKeys]:
    """The same store for a process that has these keys."""
    async with AsyncExitStack() as stack:

        def opened(*keys: str) -> Store:
            other = Store.open(database_url, seal=Seal(keys))
            stack.push_async_callback(other.close)
            return other

        yield opened


def read(store: Store) -> Awaitable[TokenRow]:
    return tool_tokens.of(store, "acme", "seed", "first-refresh")


async def renewed(store: Store, access: str) -> None:
    row = await read(store)
    assert await tool_tokens.claim(store, row, "me", NOW, abandoned_before=None)
    assert await tool_tokens.put(store, row, "me", NewToken(access=access), NOW)


async def tokens(store: Store) -> tuple[int, int, int]:
    """How many tokens of tools are kept, with the newest key, and with one that is not here."""
    kinds: dict[str, Sealing] = {kind.what: kind for kind in await sealed_secrets.sealing(store)}
    of_tools = kinds["tokens of tools"]
    return of_tools.kept, of_tools.sealed_newest, of_tools.unreadable


async def kept(store: Store) -> str:
    async with store.reading() as connection:
        return str((await connection.execute(select(table.c.access, table.c.refresh))).all())


async def test_what_is_kept_does_not_show_the_token_and_any_process_with_the_key_reads_it(
    with_keys: WithKeys,
) -> None:
    await renewed(with_keys(OLD), "the-access-token")
    assert "the-access-token" not in await kept(with_keys())
    assert "first-refresh" not in await kept(with_keys())
    row = await read(with_keys(OLD))
    assert (row.access, row.refresh) == ("the-access-token", "first-refresh")


async def test_a_key_is_replaced_while_both_are_there(with_keys: WithKeys) -> None:
    await renewed(with_keys(OLD), "the-first")
    both = with_keys(NEW, OLD)
    assert (await read(both)).access == "the-first"
    assert await tokens(both) == (1, 0, 0)
    await renewed(both, "the-second")
    assert await tokens(both) == (1, 1, 0)
    assert (await read(with_keys(NEW))).access == "the-second"


async def test_tokens_from_before_there_was_a_key_are_read_and_encrypted_when_they_are_renewed(
    with_keys: WithKeys,
) -> None:
    await renewed(with_keys(), "in-the-clear")
    later = with_keys(NEW)
    assert (await read(later)).access == "in-the-clear"
    assert await tokens(later) == (1, 0, 0)
    await renewed(later, "the-second")
    assert "first-refresh" not in await kept(later)


@pytest.mark.parametrize("keys", [(), (NEW,)])
async def test_without_its_key_a_refresh_token_is_not_made_up(with_keys: WithKeys, keys: tuple[str, ...]) -> None:
    await renewed(with_keys(OLD), "the-first")
    with pytest.raises(CannotUnseal, match="DEALWRIGHT_TOKEN_KEY"):
        await read(with_keys(*keys))
    assert await tokens(with_keys(*keys)) == (1, 0, 1)
    anew = await tool_tokens.of(with_keys(*keys), "acme", "another seed", "another-refresh")
    assert (anew.access, anew.refresh) == (None, "another-refresh")


async def test_an_access_token_without_its_key_is_asked_for_anew_where_no_refresh_token_is_needed(
    with_keys: WithKeys,
) -> None:
    old = with_keys(OLD)
    row = await tool_tokens.of(old, "acme", "seed", None)
    assert await tool_tokens.claim(old, row, "me", NOW, abandoned_before=None)
    assert await tool_tokens.put(old, row, "me", NewToken(access="lost"), NOW)
    assert (await tool_tokens.of(with_keys(NEW), "acme", "seed", None)).access is None


def test_what_is_no_key_is_refused_at_the_start_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWRIGHT_TOKEN_KEY", f"{OLD},nonsense-secret")
    with pytest.raises(BadSettings, match="DEALWRIGHT_TOKEN_KEY") as refused:
        Settings()
    assert "nonsense-secret" not in str(refused.value)


def test_keys_may_be_as_openssl_prints_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWRIGHT_TOKEN_KEY", "+/" * 21 + "A=")
    assert Seal(Settings().token_keys).seal("x") != "x"


async def everything(store: Store) -> str:
    """All columns with secrets, as they stand there."""
    columns = ((table.c.access, table.c.refresh), (events.c.secret, events.c.former_secret), (installation.c.value,))
    async with store.reading() as connection:
        return str([(await connection.execute(select(*some))).all() for some in columns])


async def with_all_secrets(store: Store) -> tuple[str, ...]:
    """Keep a secret of each kind; returns them."""
    await renewed(store, "the-access-token")
    made = await subscriptions.add(store, "https://crm.example/hooks", NOW)
    changed = await subscriptions.rotate(store, made.id, NOW, timedelta(days=1))
    assert changed is not None
    links = (await unsubscribe.secret(store)).hex()
    return "the-access-token", "first-refresh", *changed.active_secrets(NOW), links


async def test_no_secret_stands_in_the_clear_where_there_is_a_key(with_keys: WithKeys) -> None:
    secret = await with_all_secrets(with_keys(OLD))
    there = await everything(with_keys())
    assert [one for one in secret if one in there] == []
    (found,) = await subscriptions.all_of(with_keys(OLD))
    read = await subscriptions.with_secrets(with_keys(OLD), found.id)
    assert read is not None
    assert read.active_secrets(NOW) == secret[2:4]


@pytest.mark.parametrize("before", [(), (OLD,)])
async def test_what_is_in_the_clear_or_under_an_older_key_is_encrypted_with_the_newest(
    with_keys: WithKeys, before: tuple[str, ...]
) -> None:
    secret = await with_all_secrets(with_keys(*before))
    assert await sealed_secrets.encrypt(with_keys(NEW, *before)) == len(secret)
    assert await sealed_secrets.encrypt(with_keys(NEW, *before)) == 0
    there = await everything(with_keys())
    assert [one for one in secret if one in there] == []
    assert [(kind.kept, kind.sealed_newest) for kind in await sealed_secrets.sealing(with_keys(NEW))] == [(1, 1)] * 3
    assert (await unsubscribe.secret(with_keys(NEW))).hex() == secret[-1]


async def test_what_cannot_be_read_is_left_as_it_is(with_keys: WithKeys) -> None:
    await with_all_secrets(with_keys(OLD))
    there = await everything(with_keys())
    assert await sealed_secrets.encrypt(with_keys(NEW)) == await sealed_secrets.encrypt(with_keys()) == 0
    assert await everything(with_keys()) == there
    assert [kind.unreadable for kind in await sealed_secrets.sealing(with_keys(NEW))] == [1, 1, 1]


async def test_a_subscription_whose_secret_cannot_be_read_gets_a_new_one_alone(with_keys: WithKeys) -> None:
    made = await subscriptions.add(with_keys(OLD), "https://crm.example/hooks", NOW)
    with pytest.raises(CannotUnseal):
        await subscriptions.with_secrets(with_keys(NEW), made.id)
    rotated = await subscriptions.rotate(with_keys(NEW), made.id, NOW, timedelta(days=1))
    assert rotated is not None
    assert len(rotated.active_secrets(NOW)) == 1


async def test_a_key_of_unsubscribe_links_that_cannot_be_read_is_forgotten_and_made_anew(with_keys: WithKeys) -> None:
    before = await unsubscribe.secret(with_keys(OLD))
    assert await unsubscribe.forget_unreadable(with_keys(OLD)) is False
    with pytest.raises(CannotUnseal):
        await unsubscribe.secret(with_keys(NEW))
    assert await unsubscribe.forget_unreadable(with_keys(NEW)) is True
    assert await unsubscribe.secret(with_keys(NEW)) != before
