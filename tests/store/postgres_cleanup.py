"""Stops a PostgreSQL and deletes its folder as soon as its own standard input ends.

Started as a script of its own, with the standard library alone. The process that wants the database holds the other
end of the pipe: when it ends, by a kill too, nothing of the database is left behind.

Usage: postgres_cleanup.py FOLDER
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

LONGEST = 30
"""Seconds that a stop may take before the server is killed."""


def main(folder: Path) -> None:
    """Wait for the end of the input, then leave nothing behind."""
    sys.stdin.buffer.read()
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        server = int((folder / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGINT)  # "fast": it ends its sessions, and then itself
        give_up = time.monotonic() + LONGEST
        while time.monotonic() < give_up:
            time.sleep(0.05)
            os.kill(server, 0)
        os.kill(server, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
