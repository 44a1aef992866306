"""Tokens of tools are encrypted in the store, with keys that may be replaced."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from runtime.settings import BadSettings, Settings
from store import tool_tokens
from store.database import Store
from store.sealing import CannotUnseal, Seal
from store.tool_tables import tool_tokens as table
from store.tool_tokens import NewToken, Sealing, TokenRow
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
    assert await tool_tokens.sealing(both) == Sealing(kept=1, sealed_newest=0, unreadable=0)
    await renewed(both, "the-second")
    assert await tool_tokens.sealing(both) == Sealing(kept=1, sealed_newest=1, unreadable=0)
    assert (await read(with_keys(NEW))).access == "the-second"


async def test_tokens_from_before_there_was_a_key_are_read_and_encrypted_when_they_are_renewed(
    with_keys: WithKeys,
) -> None:
    await renewed(with_keys(), "in-the-clear")
    later = with_keys(NEW)
    assert (await read(later)).access == "in-the-clear"
    assert (await tool_tokens.sealing(later)).sealed_newest == 0
    await renewed(later, "the-second")
    assert "first-refresh" not in await kept(later)


@pytest.mark.parametrize("keys", [(), (NEW,)])
async def test_without_its_key_a_refresh_token_is_not_made_up(with_keys: WithKeys, keys: tuple[str, ...]) -> None:
    await renewed(with_keys(OLD), "the-first")
    with pytest.raises(CannotUnseal, match="DEALWRIGHT_TOKEN_KEY"):
        await read(with_keys(*keys))
    assert (await tool_tokens.sealing(with_keys(*keys))).unreadable == 1
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
