"""The command line on how people are told of their work."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from dealwright.preferences import Preferences
from starter.app import run
from starter.audit_entries import CALLER
from store import audit, journal, work_messages
from store.database import Store
from tests.activities.work_desk import opened, task
from tests.store.samples import NOW, deal

BEN = "ben@us.example"


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
        await journal.write(store, connection, "acme-1", [opened(deal()), task(2, "acme-1/t1", given_to=BEN)], "r1")
    await work_messages.plan(store, Preferences(), NOW + timedelta(minutes=5))
    await store.close()


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, object]:
    assert run([*arguments, "--json"]) == code
    read: dict[str, object] = json.loads(capsys.readouterr().out)
    return read


def test_what_is_set_is_added_to_what_was_chosen_before(capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "people", "set", "Ben@US.example", "delivery=digest")
    said = told(capsys, "people", "set", BEN, "timezone=Europe/Berlin", "digest_at=07:30")
    assert said == {
        "person": BEN, "chosen": {"delivery": "digest", "digest_at": "07:30", "timezone": "Europe/Berlin"},
    }  # fmt: skip
    assert told(capsys, "people", "list") == {BEN: said["chosen"]}


def test_what_holds_and_what_became_of_the_last_messages_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["people", "set", BEN, "channel=slack"]) == 0
    assert run(["people", "show", BEN]) == 0
    said = capsys.readouterr().out
    assert "channel: slack\n" in said
    assert "delivery: at_once (by default)" in said
    assert "waiting" in said


def test_the_installations_default_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALWRIGHT_WORK_DELIVERY", "digest")
    shown = told(capsys, "people", "show", BEN)
    assert (shown["chosen"], shown["preferences"]) == ({}, {**Preferences(delivery="digest").model_dump()})


def test_whoever_is_reset_is_told_as_all_others_are(capsys: pytest.CaptureFixture[str], store_url: str) -> None:
    told(capsys, "people", "set", BEN, "channel=none")
    assert told(capsys, "people", "reset", BEN) == {"person": BEN, "reset": True}
    assert told(capsys, "people", "reset", BEN, code=1)["reset"] is False
    assert asyncio.run(_audited(store_url)) == ["choose_preferences", "forget_preferences"]


async def _audited(url: str) -> list[str]:
    store = Store.open(url)
    rows = await audit.recent(store, caller=CALLER)
    await store.close()
    return sorted(row.operation for row in rows)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((BEN, "channel=fax"), "channel"),
        ((BEN, "digest_at=8"), "digest_at: This is no time of day. Write hours and minutes, such as 08:00"),
        ((BEN, "chanel=mail"), "chanel"),
        (("Ben", "channel=mail"), "no e-mail address"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    assert run(["people", "set", *arguments]) != 0
    said = capsys.readouterr()
    assert says in said.err + said.out
