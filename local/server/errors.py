"""Errors of a local Temporal server. Each message says what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST_SERVER = (1, 32)
"""The oldest Temporal server with a clock for each workflow, which the demo and the tests need."""
LONG_LINE = 300


class LocalServerError(Exception):
    """The local Temporal server cannot be had or does not run."""


@dataclass(frozen=True)
class SourceAttempt:
    """One place where a server was looked for, and why it gave none."""

    place: str
    reason: str


class NoTemporalServer(LocalServerError):
    """No Temporal server was found on this machine and none can be had."""

    def __init__(self, attempts: Sequence[SourceAttempt]) -> None:
        self.attempts = tuple(attempts)
        oldest = ".".join(map(str, OLDEST_SERVER))
        tried = "\n".join(f"  - {attempt.place}: {attempt.reason}" for attempt in attempts)
        super().__init__(
            f"No Temporal server can be had on this machine. Tried:\n{tried}\n"
            "Any one of these helps:\n"
            f"  - install the temporal CLI (https://docs.temporal.io/cli); its server must be {oldest} or newer\n"
            "  - let this machine reach https://temporal.download\n"
            "  - install Go (https://go.dev/dl); the server is then built once, which takes some minutes\n"
            "  - set TEMPORAL_ADDRESS=host:port to a server that runs already"
        )


class BuildFailed(LocalServerError):
    """Go was at hand, but the server or its UI did not build."""

    def __init__(self, module: str, output: Sequence[str]) -> None:
        tail = "\n".join(f"  {line}" for line in output) or "  (no output)"
        super().__init__(f"go install {module} failed:\n{tail}")


class DataUnusable(LocalServerError):
    """The data directory cannot be made, or not be written to."""

    def __init__(self, directory: Path, cause: OSError) -> None:
        super().__init__(
            f"Data cannot be kept in {directory}: {cause.strerror or cause}. Name another directory with --data."
        )


class DataInUse(LocalServerError):
    """Another server runs on the same data directory; two on one SQLite file would damage it."""

    def __init__(self, directory: Path, holder: str) -> None:
        super().__init__(
            f"{directory} is in use by {holder}. Stop that one first, or name another directory with --data."
        )


class PortTaken(LocalServerError):
    """A port that was asked for by number is in use."""

    def __init__(self, port: int, purpose: str, option: str, reason: str) -> None:
        super().__init__(
            f"Port {port} on 127.0.0.1 cannot be used for {purpose}: {reason}. "
            f"Stop what listens there, or choose another one with {option}; 0 takes a free one."
        )


class ServerDidNotStart(LocalServerError):
    """The server's process ended, or did not answer in time."""

    def __init__(self, what: str, log: Path, tail: Sequence[str]) -> None:
        self.port_was_taken = any("address already in use" in line for line in tail)
        lines = "\n".join(f"  {_shortened(line)}" for line in tail) or "  (the log is empty)"
        super().__init__(f"{what}. The end of {log}:\n{lines}")


class ServerUnreachable(LocalServerError):
    """The configured Temporal server does not answer."""


class NamespaceUnusable(LocalServerError):
    """The namespace or its search attributes could not be made, or did not become usable in time."""


def _shortened(line: str) -> str:
    """Both ends of a long line: the server wraps the cause, which stands last, in everything above it."""
    return line if len(line) <= LONG_LINE else f"{line[: LONG_LINE // 3]} … {line[-LONG_LINE * 2 // 3 :]}"
