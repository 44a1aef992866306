"""The local Temporal server: usable at once, kept over restarts, alone on its data, gone with its owner."""

import asyncio
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Worker

from dealwright.decision import SEARCH_ATTRIBUTES
from local.server.data_lock import LOCK_FILE, DataLock
from local.server.errors import (
    DataInUse,
    DataUnusable,
    LocalServerError,
    PortTaken,
    ServerDidNotStart,
    ServerUnreachable,
)
from local.server.plan import ServerPlan
from local.server.server import LocalServer

QUEUE = "local-server-tests"


OWNER = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell started it in the background
import asyncio, sys
from pathlib import Path
from local.server.plan import ServerPlan
from local.server.server import LocalServer

async def main():
    async with LocalServer.start(ServerPlan(directory=Path(sys.argv[1]), own=True, durable=False)) as server:
        print(server.address, flush=True)
        await asyncio.sleep(1000)

asyncio.run(main())
"""


@workflow.defn(sandboxed=False)
class Waiter:
    """Sleeps a number of days, one at a time, then waits for a word and returns it."""

    def __init__(self) -> None:
        self._word: str | None = None

    @workflow.signal
    def say(self, word: str) -> None:
        self._word = word

    @workflow.run
    async def run(self, days: int) -> str:
        for _ in range(days):
            await workflow.sleep(timedelta(days=1))
        await workflow.wait_condition(lambda: self._word is not None)
        return self._word or ""


def plan(directory: Path, **changes: object) -> ServerPlan:
    wanted = ServerPlan(directory=directory, search_attributes=SEARCH_ATTRIBUTES, ui=False, durable=False, own=True)
    return wanted.model_copy(update=changes)


async def start_waiter(client: Client, name: str, days: int = 0) -> None:
    await client.start_workflow(Waiter.run, days, id=name, task_queue=QUEUE)


async def finish(client: Client, name: str) -> str:
    """What a worker that starts only now makes of the workflow."""
    async with Worker(client, task_queue=QUEUE, workflows=[Waiter]):
        result: str = await asyncio.wait_for(client.get_workflow_handle(name).result(), 120)
        return result


def program(file: Path, script: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def own_processes() -> set[str]:
    return {process.name() for process in psutil.Process().children(recursive=True)}


@pytest.mark.server
async def test_the_first_workflow_may_carry_every_search_attribute(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    pairs: dict[str, Callable[[str], SearchAttributePair[Any]]] = {
        "Keyword": lambda name: SearchAttributePair(SearchAttributeKey.for_keyword(name), "x"),
        "Double": lambda name: SearchAttributePair(SearchAttributeKey.for_float(name), 1.5),
        "Datetime": lambda name: SearchAttributePair(SearchAttributeKey.for_datetime(name), now),
        "Bool": lambda name: SearchAttributePair(SearchAttributeKey.for_bool(name), True),
    }
    carried = TypedSearchAttributes([pairs[kind](name) for name, kind in SEARCH_ATTRIBUTES.items()])

    async with LocalServer.start(plan(tmp_path)) as server:
        client = await server.connect()
        handle = await client.start_workflow(Waiter.run, 0, id="first", task_queue=QUEUE, search_attributes=carried)

        assert set((await handle.describe()).typed_search_attributes.search_attributes) == set(carried)


@pytest.mark.server
async def test_a_workflow_goes_on_after_the_server_was_stopped_and_started_on_other_ports(
    tmp_path: Path,
) -> None:
    async with LocalServer.start(plan(tmp_path)) as server:
        before = server.address
        client = await server.connect()
        await start_waiter(client, "patient")
        await client.get_workflow_handle("patient").signal(Waiter.say, "told before the stop")

    async with LocalServer.start(plan(tmp_path)) as server:
        assert server.address != before
        assert await finish(await server.connect(), "patient") == "told before the stop"


@pytest.mark.server
async def test_a_killed_server_comes_back_on_its_ports_with_all_it_had_acknowledged(tmp_path: Path) -> None:
    async with LocalServer.start(plan(tmp_path)) as server:
        address = server.address
        client = await server.connect()
        await start_waiter(client, "patient")
        await client.get_workflow_handle("patient").signal(Waiter.say, "told before the kill")

        await server.kill()
        await server.restart()

        assert server.address == address
        assert await finish(client, "patient") == "told before the kill"


@pytest.mark.server
async def test_a_whole_life_of_timers_is_skipped_in_one_go(temporal: Client) -> None:
    skipper = TimeSkipper(temporal, config=TimeSkippingConfig(enabled=False))
    await start_waiter(skipper.client, "long-life", days=250)
    handle = skipper.client.get_workflow_handle("long-life")
    async with Worker(skipper.client, task_queue=QUEUE, workflows=[Waiter]):
        reached = await asyncio.wait_for(skipper.fast_forward(handle, timedelta(days=251)), 180)
        ahead = await skipper.get_current_time(handle) - datetime.now(UTC)
        await handle.terminate()

    assert reached
    assert ahead > timedelta(days=250)


@pytest.mark.server
async def test_a_second_server_on_the_same_data_is_refused_and_names_the_first(tmp_path: Path) -> None:
    async with LocalServer.start(plan(tmp_path)):
        with pytest.raises(DataInUse, match=rf"process {os.getpid()}\b.*--data"):
            async with LocalServer.start(plan(tmp_path)):
                pass


@pytest.mark.server
@pytest.mark.parametrize("asked_for", ["port", "ui_port"])
async def test_a_taken_port_is_refused_by_number(tmp_path: Path, asked_for: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        option = f"--{asked_for.replace('_', '-')}"
        with pytest.raises(PortTaken, match=f"Port {port} .*in use.*with {option}; 0 takes a free one"):
            async with LocalServer.start(plan(tmp_path, ui=True, **{asked_for: port})):
                pass


@pytest.mark.server
@pytest.mark.parametrize("place", ["a-file", "a-file/below"])
async def test_a_data_directory_that_cannot_be_made_is_refused_with_the_reason(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(DataUnusable, match=rf"{tmp_path / place}: (File exists|Not a directory).*--data"):
        async with LocalServer.start(plan(tmp_path / place)):
            pass


@pytest.mark.server
async def test_a_data_directory_that_cannot_be_written_to_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).mkdir()
    with pytest.raises(DataUnusable, match=rf"{tmp_path}: Is a directory.*--data"):
        async with LocalServer.start(plan(tmp_path)):
            pass


@pytest.mark.server
async def test_given_ports_are_kept_and_the_ui_answers_there(tmp_path: Path) -> None:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        port, ui_port = first.getsockname()[1], second.getsockname()[1]

    async with LocalServer.start(plan(tmp_path, port=port, ui=True, ui_port=ui_port)) as server:
        assert server.address == f"127.0.0.1:{port}"
        assert server.ui_url == f"http://127.0.0.1:{ui_port}"
        settings = f"{server.ui_url}/api/v1/settings"
        answer = await asyncio.to_thread(lambda: urllib.request.urlopen(settings, timeout=60).read())  # noqa: S310 - the UI just started

        assert b'"DefaultNamespace":"deals"' in answer


@pytest.mark.server
async def test_nothing_runs_and_the_data_is_free_after_the_block(tmp_path: Path) -> None:
    before = own_processes()
    async with LocalServer.start(plan(tmp_path, ui=True)):
        assert own_processes() > before

    assert own_processes() == before
    (await DataLock.take(tmp_path)).release()


@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_nothing_remains_when_the_owner_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert owner.stdout is not None
    assert await asyncio.wait_for(owner.stdout.readline(), 180)
    started = psutil.Process(owner.pid).children(recursive=True)
    assert len(started) >= 2

    owner.send_signal(number)
    await owner.wait()

    _, remaining = await asyncio.to_thread(psutil.wait_procs, started, 60)
    assert remaining == []
    (await DataLock.take(tmp_path)).release()


@pytest.mark.server
async def test_a_server_left_by_a_killed_owner_is_waited_for(tmp_path: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert owner.stdout is not None
    assert await asyncio.wait_for(owner.stdout.readline(), 180)
    owner.kill()
    await owner.wait()

    async with LocalServer.start(plan(tmp_path)) as server:
        assert await (await server.connect()).count_workflows()


@pytest.mark.server
async def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "temporal.db").write_bytes(b"no database" * 1000)

    with pytest.raises(LocalServerError, match=r"temporal\.db cannot be used: file is not a database"):
        async with LocalServer.start(plan(tmp_path)):
            pass


async def test_a_server_that_ends_at_once_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DEALWRIGHT_TEMPORAL_SOURCE", "go")
    for name in ("temporal-server-v1.32.0", "temporal-ui-v2.54.1"):
        program(tmp_path / "cache" / "dealwright" / "temporal" / name, "echo no room for the database; exit 7")

    with pytest.raises(ServerDidNotStart, match=r"(?s)ended with code 7.*server\.log.*no room for the database"):
        async with LocalServer.start(plan(tmp_path / "data")):
            pass


@pytest.mark.server
async def test_a_configured_server_is_used_and_left_running(
    temporal_server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_server.address)

    async with LocalServer.start(plan(tmp_path / "unused", own=False)) as server:
        assert (server.address, server.namespace) == (temporal_server.address, "deals")
        with pytest.raises(LocalServerError, match="not this program's to stop"):
            await server.kill()

    assert not (tmp_path / "unused").exists()
    assert await (await temporal_server.connect()).count_workflows()


async def test_a_configured_server_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")

    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:1 does not answer.*unset TEMPORAL_ADDRESS"):
        async with LocalServer.start(plan(tmp_path, own=False)):
            pass
