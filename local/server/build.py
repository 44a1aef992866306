"""Builds the production server and its UI from source, once, where Go is installed."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from filelock import AsyncFileLock
from rich.console import Console

from local.server import supervisor
from local.server.build_progress import BuildProgress
from local.server.errors import BuildFailed


@dataclass(frozen=True)
class Module:
    """A program in a Go module, pinned: later versions ask for a newer Go."""

    name: str
    path: str
    version: str
    packages: int
    """How many are compiled from nothing, for the progress bar."""
    minutes: str
    """How long that takes on two cores."""

    def binary(self, directory: Path) -> Path:
        """Where the program stands once it is built."""
        return directory / f"{self.name}-{self.version}"


SERVER = Module("temporal-server", "go.temporal.io/server/cmd/server", "v1.32.0", 1754, "4 to 8 minutes")
UI = Module("temporal-ui", "github.com/temporalio/ui-server/v2/cmd/server", "v2.54.1", 432, "half a minute")

STAGE = "building-"
GRACE_SECONDS = 2.0
STDOUT = 1


def built_earlier(directory: Path) -> tuple[Path, Path] | None:
    """Server and UI, when both were built before."""
    binaries = SERVER.binary(directory), UI.binary(directory)
    return binaries if all(os.access(binary, os.X_OK) for binary in binaries) else None


async def build(go: Path, directory: Path, console: Console, *, because: str) -> tuple[Path, Path]:
    """Build what is missing of server and UI.

    Args:
        go: The go command.
        directory: Where the programs are kept; a lock in it lets one process build while others wait.
        console: Where the reason and the progress are shown.
        because: Why building is needed.

    Raises:
        BuildFailed: Too old a Go, no module proxy, no space; the end of Go's output is in the message.
        OSError: The directory cannot be written.
    """
    lock = AsyncFileLock(directory / "build.lock")
    with contextlib.suppress(TimeoutError):
        await lock.acquire(timeout=0.2)
    if not lock.is_locked:
        with console.status("Another process builds the Temporal server; waiting for it"):
            await lock.acquire()
    try:
        if there := built_earlier(directory):
            return there
        console.print(
            f"Building the Temporal server {SERVER.version} and its UI from source, once ({because}).",
            highlight=False,
            markup=False,
        )
        _remove_unfinished(directory)
        for module in (SERVER, UI):
            await _install(go, module, directory, console)
    finally:
        await lock.release()
    return SERVER.binary(directory), UI.binary(directory)


def _remove_unfinished(directory: Path) -> None:
    """What builds left behind that were killed."""
    for stage in directory.glob(f"{STAGE}*"):
        shutil.rmtree(stage)


async def _install(go: Path, module: Module, directory: Path, console: Console) -> None:
    target = module.binary(directory)
    if os.access(target, os.X_OK):
        return
    last: deque[str] = deque(maxlen=12)
    with (
        tempfile.TemporaryDirectory(dir=directory, prefix=STAGE) as stage,
        BuildProgress(console, module.name, module.packages, module.minutes) as progress,
    ):
        async with _go_install(go, module, Path(stage)) as process:
            assert process.stdout is not None  # noqa: S101 - asked for with PIPE, which the type does not know
            async for raw in process.stdout:
                line = raw.decode(errors="replace").rstrip()
                last.append(line)
                progress.heard(line)
            if await process.wait() != 0:
                raise BuildFailed(f"{module.path}@{module.version}", last)
        (Path(stage) / "server").replace(target)


@contextlib.asynccontextmanager
async def _go_install(go: Path, module: Module, stage: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The running `go install`; it and its compilers end with this block, and with this program."""
    process = await asyncio.create_subprocess_exec(
        *supervisor.command(GRACE_SECONDS, STDOUT),
        *(str(go), "install", "-v", "-ldflags=-s -w", f"{module.path}@{module.version}"),
        cwd=stage,  # away from any go.mod or go.work of the caller
        env={"GOGC": "800", **os.environ, "GOBIN": str(stage), "GOWORK": "off"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
