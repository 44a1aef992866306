"""Keys of the HTTP API at the command line, and the trail of who changed what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from starter.app import run
from store.database import Store

Cli = Callable[..., tuple[int, str]]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command against a store of its own; gives the exit code and what was printed."""
    url = f"sqlite:///{tmp_path / 'deals.db'}"
    monkeypatch.setenv("DATABASE_URL", url)

    async def migrate() -> None:
        store = Store.open(url)
        await store.migrate()
        await store.close()

    asyncio.run(migrate())

    def command(*arguments: str) -> tuple[int, str]:
        code = run(arguments)
        return code, capsys.readouterr().out

    return command


def made(cli: Cli, *arguments: str) -> tuple[str, dict[str, object]]:
    code, printed = cli("key", "create", *arguments, "--json")
    assert code == 0, printed
    document = json.loads(printed)
    return document["key"], document["about"]


def test_a_key_is_printed_when_it_is_made_and_never_again(cli: Cli) -> None:
    code, printed = cli("key", "create", "crm-sync", "--scope", "tell", "--scope", "open")
    key = printed.strip()
    assert (code, key[:4], len(key)) == (0, "dwk_", 53)
    code, listed = cli("key", "list")
    assert code == 0
    assert key[4:12] in listed
    assert "open, tell" in listed
    assert key[13:] not in listed
    assert key[13:] not in cli("audit", "--json")[1]


def test_a_key_is_replaced_and_revoked(cli: Cli) -> None:
    _, about = made(cli, "bens-laptop", "--scope", "read", "--acts-for", "ben@us.example")
    code, printed = cli("key", "rotate", str(about["id"]), "--json")
    new = json.loads(printed)["about"]
    assert (code, new["acts_for"]) == (0, "ben@us.example")
    assert cli("key", "revoke", str(about["id"]))[0] == 0
    assert [one["id"] for one in json.loads(cli("key", "list", "--json")[1])] == [new["id"]]
    assert len(json.loads(cli("key", "list", "--all", "--json")[1])) == 2


def test_what_is_done_here_stands_in_the_audit_trail(cli: Cli) -> None:
    _, about = made(cli, "crm-sync", "--scope", "tell")
    cli("key", "revoke", str(about["id"]))
    trail = json.loads(cli("audit", "--json")[1])
    assert [(one["operation"], one["target"], one["caller"]) for one in trail] == [
        ("revoke_key", about["id"], "command-line"), ("create_key", about["id"], "command-line"),
    ]  # fmt: skip
    assert trail[0]["by"].startswith("command-line")
    assert "revoke_key" in cli("audit")[1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("create", "crm-sync", "--scope", "everything"), 1),
        (("create", "crm-sync"), 2),
        (("create", "environment", "--scope", "read"), 1),
        (("create", "crm-sync", "--scope", "read", "--may-speak-for", "sales_manager"), 1),
        (("revoke", "a1B2c3D4"), 1),
        (("rotate", "a1B2c3D4"), 1),
    ],
)
def test_what_cannot_be_done_is_said_and_not_done(cli: Cli, arguments: tuple[str, ...], code: int) -> None:
    assert cli("key", *arguments)[0] == code
    assert json.loads(cli("key", "list", "--all", "--json")[1]) == []
    assert json.loads(cli("audit", "--json")[1]) == []


def test_a_name_that_is_taken_is_said(cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    made(cli, "crm-sync", "--scope", "tell")
    code, printed = cli("key", "create", "crm-sync", "--scope", "read", "--json")
    assert (code, json.loads(printed)["ok"]) == (1, False)
