"""``experiments``: the deals of each arm, counted at the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from dealwright.entries import ExperimentExposed
from starter.app import run
from store import journal
from store.database import Store
from tests.store.samples import NOW, closed, fact, opened


@pytest.fixture(autouse=True)
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/deals.db"
    monkeypatch.setenv("DATABASE_URL", url)
    asyncio.run(_fill(url))


async def _fill(url: str) -> None:
    """One deal of each arm: one of them answered, the other one is lost."""
    store = Store.open(url)
    await store.migrate()
    async with store.writing() as connection:
        for deal_id, arm, then in (("a", "control", closed(3)), ("b", "question", fact(3, "reply_received"))):
            exposed = ExperimentExposed(at=NOW, number=2, experiment="subject", arm=arm, stage="outreach")
            await journal.write(store, connection, deal_id, [opened(deal_id), exposed, then], "r1")
    await store.close()


def test_programs_get_the_counts_of_each_arm(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiments", "subject", "--fact", "reply_received", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert [(one["arm"], one["exposed"], one["facts"], one["open"], one["ended"]) for one in told] == [
        ("control", 1, {"reply_received": 0}, 0, {"lost": 1}), ("question", 1, {"reply_received": 1}, 1, {}),
    ]  # fmt: skip


def test_people_read_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiments"]) == 0

    title, head, control, question = capsys.readouterr().out.splitlines()
    assert title.strip() == "2 exposures"
    assert head.split()[:8] == [
        "experiment",
        "arm",
        "exposed",
        "reply_received",
        "meeting_booked",
        "won",
        "open",
        "lost",
    ]
    assert control.split()[:8] == ["subject", "control", "1", "0", "0", "0", "0", "1"]
    assert question.split()[:8] == ["subject", "question", "1", "1", "0", "0", "1", "0"]


def test_a_fact_that_is_none_is_refused_with_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiments", "--fact", "reply_recieved"]) == 2
    assert "reply_received" in capsys.readouterr().err
