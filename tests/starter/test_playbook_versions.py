"""The command line on published playbooks: which there are, their versions, and how they differ."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from playbooks import shipped
from starter.app import run
from store import bundles, journal
from store.database import Store
from tests.store.samples import NOW, closed, opened

OLD = shipped()["five-steps"]
NEW = {**OLD, "playbook.yaml": OLD["playbook.yaml"].replace("after: 2bd", "after: 3bd")}


@pytest.fixture(autouse=True)
def hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    url = f"sqlite:///{tmp_path}/deals.db"
    monkeypatch.setenv("DATABASE_URL", url)
    return asyncio.run(_fill(url))


async def _fill(url: str) -> tuple[str, str]:
    """Two deals on the old version, one of them over, and one on the new one."""
    store = Store.open(url)
    await store.migrate()
    old = await bundles.publish(store, "five-steps", OLD, by="ana")
    new = await bundles.publish(store, "five-steps", NEW, by="ben")
    async with store.writing() as connection:
        for deal_id, bundle, over in (("a", old, False), ("b", old, True), ("c", new, False)):
            entry = opened(deal_id).model_copy(update={"at": NOW, "bundle": bundle})
            await journal.write(store, connection, deal_id, [entry, *([closed(2)] if over else ())], "r1")
    await store.close()
    return old, new


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> object:
    assert run(["playbook", *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_the_list_says_what_new_deals_follow_and_which_versions_open_deals_follow(
    capsys: pytest.CaptureFixture[str], hashes: tuple[str, str]
) -> None:
    listed = told(capsys, "list")
    assert isinstance(listed, list)
    assert [(one["bundle"], one["newest"], one["published_by"], one["open_deals"]) for one in listed] == [
        (hashes[1], True, "ben", 1), (hashes[0], False, "ana", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("reference", ["five-steps", "five-steps@latest", "five-steps@2"])
def test_a_playbook_may_be_named_without_its_version(
    capsys: pytest.CaptureFixture[str], hashes: tuple[str, str], reference: str
) -> None:
    assert run(["playbook", "diff", reference, hashes[1], "--json"]) == 0
    assert run(["playbook", "show", reference]) == 0
    assert "five-steps: " in capsys.readouterr().out


def test_a_command_does_not_say_that_it_tries_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@127.0.0.1:1/deals")
    assert run(["playbook", "list"]) == 2
    said = capsys.readouterr().err
    assert "The database does not answer (OperationalError: " in said
    assert "Start it, or set DATABASE_URL to another one" in said
    assert "tried again" not in said


def test_what_names_no_playbook_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "show", "six-steps"]) == 2
    said = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert "there is no playbook 'six-steps', and no hash that begins so: published are five-steps" in said


def test_the_history_has_each_version_with_its_number_and_who_published_it(
    capsys: pytest.CaptureFixture[str], hashes: tuple[str, str]
) -> None:
    known = told(capsys, "history", "five-steps")
    assert isinstance(known, list)
    assert [(one["version"], one["bundle"], one["published_by"]) for one in known] == [
        (1, hashes[0], "ana"), (2, hashes[1], "ben"),
    ]  # fmt: skip


@pytest.mark.parametrize("named", ["five-steps@1", "hash", "folder"])
def test_a_playbook_is_named_by_folder_by_hash_or_by_its_version(
    capsys: pytest.CaptureFixture[str], hashes: tuple[str, str], tmp_path: Path, named: str
) -> None:
    (tmp_path / "templates").mkdir()
    for path, text in OLD.items():
        (tmp_path / path).write_text(text)
    reference = {"hash": hashes[0][:8], "folder": str(tmp_path)}.get(named, named)

    read = told(capsys, "diff", reference, "five-steps@latest")

    assert isinstance(read, dict)
    assert (read["from"]["bundle"], read["to"]["bundle"]) == hashes
    assert {one["after"] for one in read["differences"]} == {"3bd"}


def test_people_read_sentences_and_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "diff", "five-steps@1", "five-steps@2"]) == 0
    said = capsys.readouterr().out
    assert "play five-steps: its first call comes after 3bd instead of 2bd\n" in said
    assert "difference between five-steps" in said


@pytest.mark.parametrize(
    ("reference", "code", "remedy"),
    [("five-steps@3", 2, "versions 1 to 2"), ("nobodys@latest", 2, "playbook publish"), ("123456", 2, "no playbook")],
)
def test_what_nobody_published_is_refused_with_what_there_is(
    capsys: pytest.CaptureFixture[str], reference: str, code: int, remedy: str
) -> None:
    assert run(["playbook", "diff", reference, "five-steps@1"]) == code
    assert remedy in " ".join(capsys.readouterr().err.split())
