"""The command line on how deals are shared out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from starter.app import run
from store import assignments, journal
from store.database import Store
from tests.store.samples import NOW, closed
from tests.store.test_assignments import ANA, BEN, choice


@pytest.fixture(autouse=True)
def store_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/deals.db"
    monkeypatch.setenv("DATABASE_URL", url)
    asyncio.run(_fill(url))
    return url


async def _fill(url: str) -> None:
    store = Store.open(url)
    await store.migrate()
    async with store.writing() as connection:
        for number in range(4):
            await assignments.choose(store, connection, choice(f"deal-{number}", ANA, BEN), NOW)
        await journal.write(store, connection, "deal-1", [closed(9)])
    await store.close()


def test_it_lists_who_has_how_many_deals(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pool", "list"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if "@" in line]
    assert lines == [["tiny", "aes", "ana@seller.example", "2", "2"], ["tiny", "aes", "ben@seller.example", "1", "2"]]


def test_programs_get_one_pool_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pool", "list", "--pool", "aes", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed[1] == {"playbook": "tiny", "pool": "aes", "person": "ben@seller.example", "open": 1, "all": 2}
    run(["pool", "list", "--pool", "others", "--json"])
    assert json.loads(capsys.readouterr().out) == []


def test_who_is_away_is_said_and_shown_and_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["people", "away", "Ben@Seller.example", "--until", "2999-01-08", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"person": "ben@seller.example", "until": "2999-01-08T00:00:00+00:00"}
    run(["pool", "list", "--json"])
    assert json.loads(capsys.readouterr().out)[1]["away_until"] == "2999-01-08T00:00:00Z"
    assert run(["people", "back", "ben@seller.example"]) == 0
    assert run(["people", "back", "ben@seller.example"]) == 1


def test_nobody_is_back_before_they_leave() -> None:
    assert run(["people", "away", "ben@seller.example", "--until", "2020-01-08"]) == 2
