"""Finds a Temporal server in a fixed order of places, and says of each why it gave none."""

import asyncio
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import platformdirs
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from temporalio.envconfig import ClientConfigProfile

from local.server import build, download
from local.server.errors import OLDEST_SERVER, BuildFailed, LocalServerError, NoTemporalServer, SourceAttempt

CHOICE_VARIABLE = "DEALWRIGHT_TEMPORAL_SOURCE"
Choice: TypeAlias = Literal["auto", "cli", "download", "go"]
VERSION_SECONDS = 20.0


@dataclass(frozen=True)
class Configured:
    """A server that runs already, named by `TEMPORAL_ADDRESS` or a profile; used as it is, never stopped."""

    profile: ClientConfigProfile

    def __str__(self) -> str:
        return f"configured address {self.profile.address}"


@dataclass(frozen=True)
class DevelopmentServer:
    """A `temporal` CLI whose server is new enough."""

    executable: Path
    server_version: str

    def __str__(self) -> str:
        return f"{self.executable} (server {self.server_version})"


@dataclass(frozen=True)
class ProductionServer:
    """The pinned production server and its UI, as built from source."""

    server: Path
    ui: Path

    def __str__(self) -> str:
        return f"Temporal {build.SERVER.version}, built from source"


Source: TypeAlias = Configured | DevelopmentServer | ProductionServer


def cache_directory() -> Path:
    """Where built and downloaded servers are kept: the user's own cache, shared by all checkouts."""
    return platformdirs.user_cache_path("dealwright") / "temporal"


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory


async def find_source(console: Console, environment: Mapping[str, str] = os.environ, *, own: bool = False) -> Source:
    """Find a server, or build one.

    Order: the configured address; a `temporal` CLI on the PATH; one built earlier; the SDK's download; Go.
    `DEALWRIGHT_TEMPORAL_SOURCE` (auto, cli, download, go) chooses one of them instead.

    Args:
        console: Where a long wait is explained and its progress shown.
        environment: Of this process; another one in tests.
        own: Leave a configured address aside: the caller is going to stop and kill the server.

    Raises:
        NoTemporalServer: None can be had; the message lists what was tried and what helps.
        LocalServerError: The choice or the configured profile makes no sense.
    """
    choice = _choice(environment)
    attempts: list[SourceAttempt] = []
    if choice == "auto" and not own:
        profile = _configured(environment)
        if profile.address:
            return Configured(profile)
        attempts.append(SourceAttempt("TEMPORAL_ADDRESS", "not set, nor a profile with an address"))
    if choice in ("auto", "cli"):
        found = await _from_path(environment)
        if not isinstance(found, SourceAttempt):
            return found
        attempts.append(found)
    if choice in ("auto", "go") and (built := build.built_earlier(cache_directory())):
        return ProductionServer(*built)
    if choice in ("auto", "download"):
        found = await _from_download(console, ask_again=choice == "download")
        if not isinstance(found, SourceAttempt):
            return found
        attempts.append(found)
    if choice in ("auto", "go"):
        built_now = await _from_go(console, environment, attempts)
        if not isinstance(built_now, SourceAttempt):
            return built_now
        attempts.append(built_now)
    raise NoTemporalServer(attempts)


def _choice(environment: Mapping[str, str]) -> Choice:
    wanted = environment.get(CHOICE_VARIABLE, "auto") or "auto"
    try:
        return TypeAdapter[Choice](Choice).validate_python(wanted)
    except ValidationError as error:
        raise LocalServerError(f"{CHOICE_VARIABLE}={wanted}: write one of {', '.join(get_args(Choice))}.") from error


def _configured(environment: Mapping[str, str]) -> ClientConfigProfile:
    try:
        return ClientConfigProfile.load(override_env_vars=dict(environment))
    except (RuntimeError, ValueError, OSError) as error:
        raise LocalServerError(
            f"The Temporal profile cannot be read: {error}. Look at TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE."
        ) from error


async def _from_path(environment: Mapping[str, str]) -> DevelopmentServer | SourceAttempt:
    place = "temporal CLI on the PATH"
    executable = shutil.which("temporal", path=environment.get("PATH"))
    if executable is None:
        return SourceAttempt(place, "there is none")
    return await _usable(place, Path(executable))


async def _from_download(console: Console, *, ask_again: bool) -> DevelopmentServer | SourceAttempt:
    place = "the SDK's download"
    try:
        directory = _made(cache_directory() / "download")
        executable = await download.downloaded_cli(directory, console, ask_again=ask_again)
    except (download.DownloadFailed, OSError) as error:
        return SourceAttempt(place, str(error))
    return await _usable(place, executable)


async def _from_go(
    console: Console, environment: Mapping[str, str], attempts: list[SourceAttempt]
) -> ProductionServer | SourceAttempt:
    go = shutil.which("go", path=environment.get("PATH"))
    if go is None:
        return SourceAttempt("Go", "not on the PATH")
    reasons = "; ".join(f"{attempt.place}: {attempt.reason}" for attempt in attempts)
    try:
        directory = _made(cache_directory())
        return ProductionServer(*await build.build(Path(go), directory, console, because=reasons))
    except (BuildFailed, OSError) as error:
        return SourceAttempt("Go", str(error))


async def _usable(place: str, executable: Path) -> DevelopmentServer | SourceAttempt:
    """Whether the CLI's server is new enough, by what it says of itself."""
    try:
        process = await asyncio.create_subprocess_exec(
            executable,
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        return SourceAttempt(place, f"{executable} cannot be run: {error.strerror}")
    try:
        async with asyncio.timeout(VERSION_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return SourceAttempt(place, f"{executable} --version did not answer within {VERSION_SECONDS:.0f} s")
    said = output.decode(errors="replace").strip()
    version = server_version(said)
    if version is None:
        return SourceAttempt(place, f"{executable} --version names no server: {said[:80]!r}")
    text = ".".join(map(str, version))
    if version[:2] < OLDEST_SERVER:
        oldest = ".".join(map(str, OLDEST_SERVER))
        return SourceAttempt(place, f"{executable} has server {text}; {oldest} or newer is needed")
    return DevelopmentServer(executable, text)


def server_version(output: str) -> tuple[int, int, int] | None:
    """The server's version in the answer to `temporal --version`; the CLI's own version is another number.

    >>> server_version("temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)")
    (1, 32, 0)
    """
    match = re.search(r"\bserver v?(\d+)\.(\d+)\.(\d+)", output, re.IGNORECASE)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None
