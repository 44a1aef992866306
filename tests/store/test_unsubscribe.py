from __future__ import annotations

import asyncio
import re

import pytest

from store import unsubscribe
from store.database import Store

SECRET = b"s" * 32


def test_a_token_names_its_effect_and_fits_into_a_path() -> None:
    token = unsubscribe.token_for("acme-1/cold/1/0/1", SECRET)
    assert unsubscribe.effect_of(token, SECRET) == "acme-1/cold/1/0/1"
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", token)


@pytest.mark.parametrize("token", ["", ".", "abc", "YWJj.YWJj", "ä.ö", "a.b.c", "%%%.%%%"])
def test_a_token_that_was_made_up_names_nothing(token: str) -> None:
    assert unsubscribe.effect_of(token, SECRET) is None


def test_a_token_for_one_effect_does_not_serve_for_another() -> None:
    signature = unsubscribe.token_for("acme-1/cold/1/0/1", SECRET).partition(".")[2]
    other = unsubscribe.token_for("acme-2/cold/1/0/1", b"other").partition(".")[0]
    assert unsubscribe.effect_of(f"{other}.{signature}", SECRET) is None


async def test_all_processes_of_an_installation_share_one_key(store: Store) -> None:
    keys = await asyncio.gather(*(unsubscribe.secret(store) for _ in range(5)))
    assert len(set(keys)) == 1
    assert len(keys[0]) == 32


async def test_a_token_whose_message_is_not_in_the_ledger_finds_nothing(store: Store) -> None:
    token = unsubscribe.token_for("acme-1/cold/1/0/1", await unsubscribe.secret(store))
    assert await unsubscribe.message_of(store, token) is None
