"""A child process that cannot outlive the process which started it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from local.server import supervisor

GRACE_SECONDS = 10.0
"""How long a process may take to stop after SIGTERM before it is killed."""
SUPERVISOR_SLACK_SECONDS = 5.0


class SupervisedProcess:
    """A command in a process group of its own, watched over by the supervisor, with its output in a log file.

    The group keeps a Ctrl-C in the terminal away from it: its owner decides in which order things stop.
    """

    def __init__(self, command: Sequence[str | Path], *, log: Path, inherit: int) -> None:
        """Start the command.

        Args:
            command: The program and its arguments.
            log: Where its output goes; that of the start before is put aside as `.1`. The command runs in its
                directory.
            inherit: A file descriptor for the command to hold open (the lock on its data).
        """
        self.log = log
        if log.exists():
            log.replace(log.with_name(log.name + ".1"))
        with log.open("wb") as output:
            self._supervisor = subprocess.Popen(  # noqa: S603 - the command is this package's own choice
                [
                    *supervisor.command(GRACE_SECONDS, inherit),
                    *map(str, command),
                ],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(inherit,),
                cwd=log.parent,
                start_new_session=True,
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._supervisor.poll()

    def stop(self) -> None:
        """Ask the process to stop, wait, kill it when it does not. Blocks up to 15 s; may be called again."""
        self._close_pipe()
        try:
            self._supervisor.wait(GRACE_SECONDS + SUPERVISOR_SLACK_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill_group()
            self._supervisor.wait()
        if (
            self._supervisor.returncode or 0
        ) < 0:  # the supervisor itself was killed and may have left the command behind
            self._kill_group()

    def kill(self) -> None:
        """End the process at once with SIGKILL, as a power cut would, and wait until it is gone."""
        if self._supervisor.poll() is None:
            self._supervisor.send_signal(signal.SIGUSR1)
        self.stop()

    def _close_pipe(self) -> None:
        if self._supervisor.stdin is not None:
            self._supervisor.stdin.close()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._supervisor.pid, signal.SIGKILL)

    def log_tail(self, lines: int = 12) -> list[str]:
        """The last lines of the log."""
        with self.log.open("rb") as output:
            output.seek(max(0, self.log.stat().st_size - 64 * 1024))
            text = output.read().decode(errors="replace")
        return text.splitlines()[-lines:]
