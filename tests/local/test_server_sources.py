"""A Temporal server is looked for in a fixed order, and every refusal gives its reason."""

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from rich.console import Console

from local.server import build, download, sources
from local.server.errors import LocalServerError, NoTemporalServer
from local.server.sources import Configured, DevelopmentServer, ProductionServer, find_source, server_version

SILENT = Console(quiet=True)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with nothing in it but that the SDK's download has just failed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    download_failed(sources.cache_directory(), datetime.now(UTC))
    return sources.cache_directory()


def download_failed(cache: Path, at: datetime) -> None:
    failure = cache / "download" / "failed.json"
    failure.parent.mkdir(parents=True, exist_ok=True)
    failure.write_text(json.dumps({"at": at.isoformat(), "reason": "no network"}))


@pytest.fixture
def never_tried(cache: Path) -> None:
    (cache / "download" / "failed.json").unlink()


@pytest.fixture
def on_path(tmp_path: Path) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def with_path(folder: Path, **variables: str) -> dict[str, str]:
    return {"PATH": str(folder), "HOME": str(folder), **variables}


@pytest.fixture
async def proxy() -> AsyncIterator["Proxy"]:
    async with Proxy() as running:
        yield running


class Proxy:
    """A network that accepts every connection, and answers none unless it is told to hang up."""

    def __init__(self) -> None:
        self.connections = 0
        self.asked = asyncio.Event()
        self.hangs_up = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.asked.set()
        if not self.hangs_up:
            await reader.read()  # until the other side gives up
        writer.close()

    @property
    def url(self) -> str:
        host, port = self._server.sockets[0].getsockname()
        return f"http://{host}:{port}"


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)", (1, 32, 0)),
        ("temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)", (1, 29, 1)),
        ("temporal version 0.0.0-DEV (Server 1.33.2-rc.1, UI 2.60.0)", (1, 33, 2)),
        ("temporal version 1.32.0", None),
        ("command not found", None),
    ],
)
def test_the_servers_version_is_told_apart_from_the_clis(output: str, version: tuple[int, int, int] | None) -> None:
    assert server_version(output) == version


async def test_a_configured_address_is_used_as_it_is(on_path: Path) -> None:
    program(on_path, "temporal", "echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'")

    found = await find_source(SILENT, with_path(on_path, TEMPORAL_ADDRESS="temporal.example:7233"))

    assert isinstance(found, Configured)
    assert found.profile.address == "temporal.example:7233"


async def test_who_wants_an_own_server_gets_one_though_an_address_is_configured(on_path: Path) -> None:
    temporal = program(on_path, "temporal", "echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'")

    found = await find_source(SILENT, with_path(on_path, TEMPORAL_ADDRESS="temporal.example:7233"), own=True)

    assert found == DevelopmentServer(temporal, "1.32.0")


async def test_a_cli_that_is_too_old_is_passed_over_with_its_version(on_path: Path) -> None:
    program(on_path, "temporal", "echo 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)'")

    with pytest.raises(NoTemporalServer) as refused:
        await find_source(SILENT, with_path(on_path))

    assert "has server 1.29.1; 1.32 or newer is needed" in str(refused.value)


async def test_a_cli_that_cannot_be_run_is_passed_over(on_path: Path) -> None:
    (on_path / "temporal").write_bytes(b"\x00not a program")
    (on_path / "temporal").chmod(0o755)

    with pytest.raises(NoTemporalServer, match="temporal cannot be run"):
        await find_source(SILENT, with_path(on_path))


async def test_what_was_tried_and_what_helps_stands_in_one_message(on_path: Path) -> None:
    with pytest.raises(NoTemporalServer) as refused:
        await find_source(SILENT, with_path(on_path))

    assert [attempt.place for attempt in refused.value.attempts] == [
        "TEMPORAL_ADDRESS",
        "temporal CLI on the PATH",
        "the SDK's download",
        "Go",
    ]
    for remedy in ("https://docs.temporal.io/cli", "https://temporal.download", "https://go.dev/dl"):
        assert remedy in str(refused.value)


async def test_an_unknown_choice_of_source_is_refused_with_the_known_ones(on_path: Path) -> None:
    with pytest.raises(LocalServerError, match="auto, cli, download, go"):
        await find_source(SILENT, with_path(on_path, DEALWRIGHT_TEMPORAL_SOURCE="docker"))


async def test_a_profile_that_cannot_be_read_is_named(on_path: Path) -> None:
    with pytest.raises(LocalServerError, match="TEMPORAL_PROFILE"):
        await find_source(SILENT, with_path(on_path, TEMPORAL_PROFILE="staging"))


@pytest.mark.usefixtures("never_tried")
async def test_a_download_that_never_answers_is_given_up(
    on_path: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setattr(download, "NOTHING_ARRIVED", timedelta(minutes=5))
    looking = asyncio.create_task(find_source(SILENT, with_path(on_path)))
    await asyncio.wait_for(proxy.asked.wait(), 120)
    monkeypatch.setattr(download, "NOTHING_ARRIVED", timedelta(seconds=1))

    with pytest.raises(NoTemporalServer, match="nothing arrived for 1 s"):
        await looking


@pytest.mark.usefixtures("never_tried")
async def test_a_failed_download_is_not_asked_for_again_the_same_day(
    on_path: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.hangs_up = True
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with pytest.raises(NoTemporalServer):
        await find_source(SILENT, with_path(on_path))
    asked = proxy.connections

    with pytest.raises(NoTemporalServer, match="asked again after a day"):
        await find_source(SILENT, with_path(on_path))

    assert asked >= 1
    assert proxy.connections == asked


async def test_a_download_that_failed_yesterday_is_tried_again(
    on_path: Path, proxy: Proxy, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.hangs_up = True
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    download_failed(cache, datetime.now(UTC) - timedelta(days=1, minutes=1))

    with pytest.raises(NoTemporalServer):
        await find_source(SILENT, with_path(on_path))

    assert proxy.connections >= 1


async def test_one_built_earlier_is_used_without_asking_the_network(
    on_path: Path, proxy: Proxy, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    server = program(cache, "temporal-server-v1.32.0", "true")
    ui = program(cache, "temporal-ui-v2.54.1", "true")

    assert await find_source(SILENT, with_path(on_path)) == ProductionServer(server, ui)
    assert proxy.connections == 0


BUILDS = """
echo "$@" >> {calls}
echo "go: downloading example v1"
echo example/package
echo '#!/bin/sh' > "$GOBIN/server"
chmod +x "$GOBIN/server"
"""


async def test_server_and_ui_are_built_once_though_two_ask_at_once(tmp_path: Path, on_path: Path, cache: Path) -> None:
    calls = tmp_path / "calls"
    program(on_path, "go", f"PATH={os.environ['PATH']}" + BUILDS.format(calls=calls))
    only_go = with_path(on_path, DEALWRIGHT_TEMPORAL_SOURCE="go")

    first, second = await asyncio.gather(find_source(SILENT, only_go), find_source(SILENT, only_go))

    assert first == second == ProductionServer(build.SERVER.binary(cache), build.UI.binary(cache))
    assert calls.read_text().splitlines() == [
        "install -v -ldflags=-s -w go.temporal.io/server/cmd/server@v1.32.0",
        "install -v -ldflags=-s -w github.com/temporalio/ui-server/v2/cmd/server@v2.54.1",
    ]


async def test_a_build_says_why_it_is_needed_and_how_long_it_takes(
    tmp_path: Path, on_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(on_path, "go", f"PATH={os.environ['PATH']}" + BUILDS.format(calls=tmp_path / "calls"))

    await find_source(Console(width=1000), with_path(on_path))

    shown = capsys.readouterr().out
    assert "temporal CLI on the PATH: there is none" in shown
    assert "temporal-server: usually 4 to 8 minutes on two cores" in shown
    assert "1 modules, 1 packages" in shown


async def test_a_build_that_fails_shows_what_go_said(on_path: Path, cache: Path) -> None:
    program(on_path, "go", "echo 'go: requires go >= 1.26.8 (running go 1.20)' >&2; exit 1")

    with pytest.raises(NoTemporalServer, match=r"requires go >= 1\.26\.8 \(running go 1\.20\)"):
        await find_source(SILENT, with_path(on_path, DEALWRIGHT_TEMPORAL_SOURCE="go"))

    assert not build.SERVER.binary(cache).exists()
