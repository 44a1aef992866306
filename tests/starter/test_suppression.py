"""The command line on the lists of addresses that get no mail, over a store of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path

import pytest

from dealwright.entries import Entry, TouchesHeld
from starter.app import run
from store import journal, suppression
from store.database import Store
from tests.store.samples import NOW, fact

ADA = "ada@acme.test"


@pytest.fixture(autouse=True)
def store_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a store in which Ada opted out and is away, and Bob's mailbox is gone."""
    url = f"sqlite:///{tmp_path}/deals.db"
    monkeypatch.setenv("DATABASE_URL", url)

    async def fill(store: Store) -> None:
        await store.migrate()
        held = TouchesHeld(
            at=NOW, number=3, until=NOW + timedelta(days=9), why="away", contact="ada", addresses=(ADA,), told_at=NOW
        )
        entries: list[Entry] = [
            fact(1, "opted_out", addresses=[ADA]),
            fact(2, "email_bounced", addresses=["bob@acme.test"]),
            held,
        ]
        async with store.writing() as connection:
            await journal.write(store, connection, "acme-1", entries)

    asyncio.run(_with(url, fill))
    return url


async def _with(url: str, work: Callable[[Store], Coroutine[None, None, None]]) -> None:
    store = Store.open(url)
    await work(store)
    await store.close()


def test_the_list_says_who_gets_what_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["suppression", "list"]) == 0
    said = capsys.readouterr().out
    assert "2 addresses" in said
    lines = {line.split()[0]: line for line in said.splitlines() if "@" in line}
    assert "no marketing" in lines[ADA]
    assert "opted out, told by deal acme-1" in lines[ADA]
    assert "no mail" in lines["bob@acme.test"]


def test_one_address_is_shown_with_its_absence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["suppression", "list", "--address", "ADA@acme.test", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [(each["address"], each["bounced"]) for each in document["listed"]] == [(ADA, False)]
    assert (document["away"]["address"], document["removals"]) == (ADA, [])


def test_an_address_that_is_on_no_list_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["suppression", "list", "--address", "eve@acme.test"]) == 0
    assert "0 addresses" in capsys.readouterr().out


def test_an_address_is_taken_off_with_who_and_why_and_what_it_means(
    capsys: pytest.CaptureFixture[str], store_url: str
) -> None:
    assert run(["suppression", "remove", "Ada@acme.test", "--by", "jane", "--why", "she asked for it"]) == 0
    said = capsys.readouterr().out
    assert "ada@acme.test is off the list" in said
    assert "a deal that was told of it itself keeps it" in said

    async def see(store: Store) -> None:
        assert await suppression.suppressed(store, ADA) is None
        assert [(each.by, each.why) for each in await suppression.removals(store)] == [("jane", "she asked for it")]

    asyncio.run(_with(store_url, see))


def test_taking_an_address_off_answers_in_json_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ["remove", "bob@acme.test", "--bounce", "--by", "jane", "--why", "works again", "--json"]
    assert run(["suppression", *wanted]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["address"], document["removed"]) == ("bob@acme.test", True)
    assert run(["suppression", "list", "--address", "bob@acme.test", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["listed"], document["removals"][0]["why"]) == ([], "works again")


@pytest.mark.parametrize(
    ("address", "options"), [("eve@acme.test", []), (ADA, ["--bounce"])], ids=["on no list", "no bounce"]
)
def test_what_is_on_no_list_cannot_be_taken_off(
    capsys: pytest.CaptureFixture[str], address: str, options: list[str]
) -> None:
    assert run(["suppression", "remove", address, *options, "--by", "jane", "--why", "a test"]) == 1
    assert "nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--by", "jane"], ["--by", " ", "--why", "x"], ["--by", "x", "--why", ""]])
def test_who_and_why_must_be_said(options: list[str]) -> None:
    assert run(["suppression", "remove", ADA, *options]) == 2
