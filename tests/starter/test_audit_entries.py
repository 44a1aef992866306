"""What is told and commanded at the command line leaves an entry in the audit trail."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typing_extensions import override

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.deal_client import DealClient
from dealwright.client.errors import NoSuchDeal
from dealwright.commands import Command
from dealwright.decision import Verdict
from dealwright.facts import Fact
from starter.app import run
from starter.audit_entries import who_is_here
from store import audit
from store.audit import AuditRow
from store.database import Store


class Deals(DealClient):
    """Deals of which one is there. It takes every command but to close."""

    @override
    async def record(self, deal_id: str, fact: Fact | CheckedFact) -> str:
        if deal_id != "acme-1":
            raise NoSuchDeal(deal_id)
        return fact.id or "made-up"

    @override
    async def command(self, deal_id: str, command: Command, **_: object) -> Verdict:
        return Verdict(accepted=command.name != "close", text="as it is")


@pytest.fixture(autouse=True)
def deals(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connected() -> Deals:
        return Deals.__new__(Deals)

    monkeypatch.setattr(DealClient, "connect", connected)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/deals.db"
    monkeypatch.setenv("DATABASE_URL", url)

    async def migrate() -> None:
        store = Store.open(url)
        await store.migrate()
        await store.close()

    asyncio.run(migrate())
    return url


def entry_in(url: str) -> AuditRow:
    """The only entry."""

    async def read() -> list[AuditRow]:
        store = Store.open(url)
        found = await audit.recent(store)
        await store.close()
        return found

    (row,) = asyncio.run(read())
    return row


def test_a_fact_that_is_told(url: str) -> None:
    assert run(["record", "acme-1", "demo_held"]) == 0
    row = entry_in(url)
    assert (row.caller, row.by, row.address) == ("command-line", who_is_here(), who_is_here())
    assert (row.operation, row.deal_id, row.idempotency_key, row.result) == (
        "tell_demo_held", "acme-1", "made-up", "done",
    )  # fmt: skip


def test_a_fact_that_was_not_taken(url: str) -> None:
    assert run(["record", "acme-2", "demo_held", "id=d-1"]) == 1
    row = entry_in(url)
    assert (row.deal_id, row.idempotency_key, row.result) == ("acme-2", "d-1", "failed")


@pytest.mark.parametrize(("words", "result"), [(["resume"], "done"), (["close", "outcome=lost", "why=x"], "refused")])
def test_a_command_with_the_name_in_which_it_is_given(url: str, words: list[str], result: str) -> None:
    assert run(["command", "acme-1", *words, "by=ben@us.example"]) == (0 if result == "done" else 1)
    row = entry_in(url)
    assert (row.by, row.address, row.result) == ("ben@us.example", who_is_here(), result)
    assert row.operation == f"give_{words[0]}"
    assert row.idempotency_key is not None


def test_without_the_store_the_change_is_made_and_the_missing_entry_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/nowhere.db")
    assert run(["record", "acme-1", "demo_held"]) == 0
    said = capsys.readouterr()
    assert "Told acme-1: demo_held" in said.out
    assert "The audit trail has no entry of this: There is no database at" in said.err
