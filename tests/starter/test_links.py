"""The command line on links, over a store of its own. Temporal is away, so whoever asks is believed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from starter.app import run
from store import links
from store.database import Store


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/deals.db"
    monkeypatch.setenv("DATABASE_URL", url)

    async def make() -> None:
        store = Store.open(url)
        await store.migrate()
        for object_id in ("deal:9001", "contact:55"):
            await links.link(store, "hubspot", object_id, "acme-2026")
        await store.close()

    asyncio.run(make())


def document(capsys: pytest.CaptureFixture[str]) -> object:
    return json.loads(capsys.readouterr().out)


def test_a_deals_objects_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["link", "list", "--deal", "acme-2026"]) == 0
    said = capsys.readouterr().out
    assert "2 links" in said
    assert "contact:55" in said
    assert run(["link", "list", "--source", "pipedrive", "--json"]) == 0
    assert document(capsys) == {"links": []}


def test_a_link_is_taken_back_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert [run(["link", "remove", "hubspot", "deal:9001", "--json"]) for _ in range(2)] == [0, 1]
    assert run(["link", "list", "--json"]) == 0
    assert "deal:9001" not in capsys.readouterr().out.rpartition("links")[2]


def test_only_a_source_that_has_objects_can_be_linked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["link", "set", "hubspott", "deal:1", "acme-2026"]) == 2
    assert "Did you mean 'hubspot'" in capsys.readouterr().err
    assert run(["link", "set", "standard", "deal:1", "acme-2026"]) == 2
