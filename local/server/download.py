"""Downloads the temporal CLI through the Temporal SDK, with a time-out and a memory of failures.

The SDK's own call hangs without end on a network that accepts and never answers. It therefore runs in a process
of its own (this file as a module), which is ended when nothing has arrived for a while.
"""

import asyncio
import contextlib
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import AsyncFileLock
from rich.console import Console

NOTHING_ARRIVED = timedelta(seconds=15)
"""How long the download may stand still."""
REMEMBER_FAILURE = timedelta(days=1)
POLL_SECONDS = 0.2


class DownloadFailed(Exception):
    """The SDK could not download a CLI."""


async def downloaded_cli(directory: Path, console: Console, *, ask_again: bool) -> Path:
    """The downloaded CLI, fetched now or earlier.

    Args:
        directory: Where it is kept.
        console: Where the download is announced.
        ask_again: Try even though the last try failed less than a day ago.

    Raises:
        DownloadFailed: No network, no answer, or it failed less than a day ago.
        OSError: The directory cannot be written.
    """
    failure = directory / "failed.json"
    async with AsyncFileLock(directory / "download.lock"):
        if there := _executable(directory):
            return there
        if not ask_again and (reason := _failed_lately(failure)):
            raise DownloadFailed(reason)
        with console.status("Downloading the temporal CLI through the Temporal SDK"):
            said = await _fetch(directory)
        if fetched := _executable(directory):
            failure.unlink(missing_ok=True)
            return fetched
        failure.write_text(json.dumps({"at": datetime.now(UTC).isoformat(), "reason": said}))
        raise DownloadFailed(said)


def _executable(directory: Path) -> Path | None:
    return next((file for file in directory.iterdir() if file.is_file() and os.access(file, os.X_OK)), None)


def _failed_lately(failure: Path) -> str | None:
    if not failure.exists():
        return None
    try:
        told = json.loads(failure.read_text())
        at = datetime.fromisoformat(told["at"])
        reason = str(told["reason"])
    except (ValueError, KeyError, TypeError):  # written by another version, or half written
        return None
    if datetime.now(UTC) - at > REMEMBER_FAILURE:
        return None
    return f"{reason} (tried {at:%d %b %H:%M} UTC; asked again after a day)"


async def _fetch(directory: Path) -> str:
    """Run the download; what it said last."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(directory)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    communicating = asyncio.ensure_future(process.communicate())
    try:
        if not await _ended_or_stands_still(communicating, directory):
            return f"nothing arrived for {NOTHING_ARRIVED.total_seconds():.0f} s"
        output, _ = await communicating
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await communicating
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("RuntimeError: ") if lines else f"ended with code {process.returncode}"


async def _ended_or_stands_still(communicating: asyncio.Future[tuple[bytes, bytes]], directory: Path) -> bool:
    loop = asyncio.get_running_loop()
    size, since = -1, loop.time()
    while loop.time() - since < NOTHING_ARRIVED.total_seconds():
        done, _ = await asyncio.wait([communicating], timeout=POLL_SECONDS)
        if done:
            return True
        now = _arrived(directory)
        if now != size:
            size, since = now, loop.time()
    return False


def _arrived(directory: Path) -> int:
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())


async def _main(directory: str) -> None:
    from temporalio.testing import WorkflowEnvironment

    environment = await WorkflowEnvironment.start_local(download_dest_dir=directory)
    await environment.shutdown()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
