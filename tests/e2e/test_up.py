from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from temporalio.client import Client

import playbooks
from dealwright.identity import NAMESPACE
from tests.e2e.forked import dealwright
from tests.e2e.processes import BIN, Ended, Running, running
from tests.faults.world import three_letters
from tests.temporal_environment import wait_until

pytestmark = pytest.mark.server
FREE_PORTS = ("--port", "0", "--ui-port", "0", "--gateway-port", "0", "--mail-port", "0")


class Installation:
    """``dealwright up`` and a command line that talks to it."""

    def __init__(self, process: Running, data: Path, address: str) -> None:
        self.process, self.data, self.address = process, data, address

    async def said(self, *arguments: str, **environment: str) -> Ended:
        """Run a command."""
        here = {"TEMPORAL_ADDRESS": self.address, "DATABASE_URL": f"sqlite:///{self.data / 'dealwright.db'}"}
        return await dealwright(*arguments, **(here | environment))

    async def command(self, *arguments: str) -> Any:
        """Run a command with --json and read what it prints."""
        ended = await self.said(*arguments, "--json")
        assert ended.code == 0, ended.err + ended.out
        return json.loads(ended.out)


@pytest.fixture(scope="module")
async def up(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """One installation for all: each test has deals of its own."""
    data = tmp_path_factory.mktemp("up")
    async with running([BIN / "dealwright", "up", "--data", str(data), *FREE_PORTS]) as process:
        yield await _installed(process, data)


async def _installed(process: Running, data: Path) -> Installation:
    await process.says("Ctrl-C stops it all")
    address = (await process.says(r"Temporal\s+(127\.0\.0\.1:\d+)")).group(1)
    return Installation(process, data, address)


async def test_a_deal_is_opened_told_commanded_shown_and_listed_from_the_command_line(up: Installation) -> None:
    assert (await up.command("open", "acme-1", "source=inbound", "title=Acme"))["opened_now"] is True
    assert (await up.command("open", "acme-1", "source=inbound", "title=Acme"))["opened_now"] is False
    await up.command("record", "acme-1", "lead_qualified", "id=q-1", "level=sql")
    done = await up.command("command", "acme-1", "complete_task", "by=Sam", "task=call_lead")
    assert done["accepted"] is True
    shown = await up.command("show", "acme-1")
    assert shown["snapshot"]["stage"] == "outreach"
    assert shown["agenda"]
    story = (await up.command("show", "acme-1", "--story"))["story"]  # in the journal or not yet
    assert [entry["command"] for entry in story if entry["kind"] == "command_taken"] == ["complete_task"]
    assert [entry["number"] for entry in story] == list(range(1, len(story) + 1))
    listed = await up.command("list", "--stage", "outreach")
    assert "acme-1" in [deal["deal_id"] for deal in listed]
    tasks = await up.command("tasks", "--deal", "acme-1", "--done")
    assert {(task["role"], task["how"]) for task in tasks} >= {("sdr", "done")}


async def test_whatever_is_written_in_a_deal_is_shown_as_it_is(up: Installation) -> None:
    await up.command("open", "odd-1", "title=[/b] [red]hot[/red]")
    shown = await up.said("show", "odd-1")
    assert "[/b] [red]hot[/red]" in shown.out
    assert shown.code == 0


async def test_numbers_and_smileys_in_texts_arrive_as_they_are_written(up: Installation) -> None:
    await up.command("open", "odd-2", "title=42", "source=inbound")
    await up.command("record", "odd-2", "note_added", "id=4711", "text=42 :100: \x1b[2J")
    await up.command("command", "odd-2", "pause", "by=7", "why=a decision on the note too")
    shown = await up.said("show", "odd-2", "--story")
    assert shown.out.startswith("42 (odd-2)"), shown.out
    assert "Note added - 42 :100: \\x1b[2J" in shown.out, shown.out


async def test_a_command_that_is_not_taken_is_said_once(up: Installation) -> None:
    await up.command("open", "acme-2", "source=inbound")
    said = await up.said(
        "command", "acme-2", "decide_approval", "by=Max", "approval=none", "answer=approve", "terms={}"
    )
    assert (said.code, said.out.count("Not taken")) == (1, 1)


async def test_links_in_messages_lead_to_the_gateway_that_runs(up: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    for name, text in three_letters("Mon-Sun 00:00-24:00").items():
        file = folder / name
        await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(file.write_text, text, encoding="utf-8")
    await up.command("playbook", "publish", str(folder))
    await up.command(
        "open", "acme-3", "--playbook", "letters", 'contacts=[{"id": "a", "name": "A", "email": "a@acme.example"}]'
    )
    await up.command("record", "acme-3", "lead_qualified", "level=sql")
    address = (await up.process.says(r"HTTP API\s+(http://127\.0\.0\.1:\d+)/docs")).group(1)
    mail = up.data / "mail.jsonl"

    async def arrived() -> bool:
        return mail.exists() and f"{address}/unsubscribe/" in await asyncio.to_thread(mail.read_text, encoding="utf-8")

    await wait_until(arrived)


async def test_a_deal_that_is_not_let_in_is_said_so_and_its_id_is_free(up: Installation) -> None:
    refused = await up.said("open", "typo-1", "--playbook", "b2b-sas")
    assert (refused.code, "No playbook 'b2b-sas'" in refused.out) == (1, True)
    assert "No playbook" in (await up.said("show", "typo-1")).out
    assert await up.command("list", "--status", "finished") == []
    assert (await up.command("open", "typo-1"))["opened_now"] is True


async def test_a_reader_makes_no_database(up: Installation, tmp_path: Path) -> None:
    await up.command("open", "acme-4")
    elsewhere = {"DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}"}
    tasks = await up.said("tasks", **elsewhere)
    story = await up.said("show", "acme-4", "--story", "--json", **elsewhere)
    assert (tasks.code, "There is no database at" in tasks.err) == (2, True)
    assert (story.code, "present run only" in story.err) == (0, True)
    assert json.loads(story.out)["story"]
    published = await up.said("playbook", "publish", str(Path(playbooks.__file__).parent / "five-steps"), **elsewhere)
    assert (published.code, "There is no database at" in published.err) == (2, True)
    assert not (tmp_path / "none.db").exists()


async def test_ctrl_c_stops_everything_and_the_next_start_continues(tmp_path: Path) -> None:
    up: list[str | Path] = [BIN / "dealwright", "up", "--data", str(tmp_path), *FREE_PORTS]
    async with running(up) as process:
        installation = await _installed(process, tmp_path)
        await installation.command("open", "acme-1", "source=outbound")
        started = psutil.Process(process.process.pid).children(recursive=True)
        assert await process.end(signal.SIGINT) == 0
        assert [child for child in started if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []
    async with running(up) as process:
        again = await _installed(process, tmp_path)
        assert (await again.command("show", "acme-1"))["snapshot"]["stage"] == "research"


async def test_simulated_tools_are_connected_and_read(tmp_path: Path) -> None:
    up: list[str | Path] = [BIN / "dealwright", "up", "--data", str(tmp_path), "--with", "hubspot", *FREE_PORTS]
    async with running(up) as process:
        installation = await _installed(process, tmp_path)
        connections = (await process.says(r"DEALWRIGHT_CONNECTIONS=(\S+)")).group(1)
        checked = await installation.said("integration", "check", "hubspot", DEALWRIGHT_CONNECTIONS=connections)
        assert checked.code == 0, checked.out + checked.err
        client = await Client.connect(installation.address, namespace=NAMESPACE)
        listed = [schedule.id async for schedule in await client.list_schedules()]
        assert sorted(listed) == ["reconcile-hubspot", "tell-people"]
