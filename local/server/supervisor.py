"""Runs one command for as long as its own standard input stays open.

Started as a script of its own, with the standard library alone. The process that wants the command holds the
other end of the pipe: when it closes it, exits, or is killed in any way, the command is asked to stop with
SIGTERM, and killed when it has not stopped in time. So nothing is left behind by a parent that died.
SIGUSR1 to the supervisor kills the command at once, as a power cut would.

Usage: supervisor.py GRACE_SECONDS INHERITED_FD COMMAND [ARGUMENT ...]
The inherited descriptor is passed on to the command: a lock held on it lasts as long as the command runs.
"""

import os
import signal
import subprocess
import sys
import threading

_PASSED_ON: dict[int, signal.Signals] = {
    signal.SIGUSR1: signal.SIGKILL,
    signal.SIGTERM: signal.SIGTERM,
    signal.SIGINT: signal.SIGTERM,
    signal.SIGHUP: signal.SIGTERM,
}
"""What the child is sent for each signal to the supervisor."""


def command(grace: float, inherited: int) -> list[str]:
    """What to put before a command to have it kept; its standard input must be a pipe that the owner holds."""
    return [sys.executable, "-I", "-S", __file__, str(grace), str(inherited)]


def main(grace: float, inherited: int, kept: list[str]) -> int:
    """Run the command; return its exit code, or 128 + the signal that ended it.

    Args:
        grace: Seconds between SIGTERM and SIGKILL.
        inherited: A file descriptor that the command keeps open.
        kept: What to run.
    """
    early: list[int] = []

    def pass_on(number: int, _: object) -> None:
        early.append(number)  # while there is no child yet
        if child is not None:
            child.send_signal(_PASSED_ON[number])

    # Before the child: a signal without its handler would end the supervisor alone.
    child: subprocess.Popen[bytes] | None = None
    for number in _PASSED_ON:
        signal.signal(number, pass_on)
    child = subprocess.Popen(kept, stdin=subprocess.DEVNULL, pass_fds=(inherited,))  # noqa: S603 - the caller's own binary
    for number in early:
        child.send_signal(_PASSED_ON[number])

    def stop() -> None:
        child.terminate()
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            child.kill()

    def stop_at_end_of_input() -> None:
        sys.stdin.buffer.read()
        stop()

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    code = main(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    # Not sys.exit: at interpreter shutdown the thread still reads standard input, which Python treats as fatal.
    os._exit(code)
