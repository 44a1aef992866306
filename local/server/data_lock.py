"""A lock on a data directory, held for as long as any process may write there."""

import asyncio
import fcntl
import os
from pathlib import Path
from typing import Self

from local.server.errors import DataInUse, DataUnusable

LOCK_FILE = "temporal.lock"
LEFT_BEHIND_SECONDS = 20.0
"""How long to wait for a server whose owner has died; its supervisor is stopping it."""


def make_directory(directory: Path) -> None:
    """Make a directory for data where there is none yet.

    Raises:
        DataUnusable: It cannot be made; the message says why.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataUnusable(directory, error) from error


class DataLock:
    """A held lock. Its descriptor is handed to the server, so that the lock outlives a parent that was killed."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    async def take(cls, directory: Path) -> Self:
        """Take the lock beside the database file.

        Raises:
            DataInUse: Another server runs there; the message names its owner's process.
            DataUnusable: The directory cannot be written to.
        """
        try:
            descriptor = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DataUnusable(directory, error) from error
        try:
            await cls._lock(descriptor, directory)
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return cls(descriptor)

    @staticmethod
    async def _lock(descriptor: int, directory: Path) -> None:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + LEFT_BEHIND_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = os.pread(descriptor, 32, 0).decode().strip()
                if _alive(owner) or loop.time() > give_up:
                    holder = f"process {owner}" if _alive(owner) else "a server left behind by a process that died"
                    raise DataInUse(directory, holder) from None
                await asyncio.sleep(0.1)
            else:
                return

    def release(self) -> None:
        """Give the directory free; only after the server has stopped."""
        os.close(self.descriptor)


def _alive(process_id: str) -> bool:
    if not process_id.isdigit():  # the lock's new holder has not yet written its number
        return False
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # someone else's process
        return True
    return True
