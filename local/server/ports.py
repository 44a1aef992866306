"""Ports on this machine's own interface."""

import contextlib
import socket

from local.server.errors import PortTaken

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on at this moment, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


def require_free(port: int, purpose: str, option: str) -> None:
    """Refuse a port that was asked for, with a command line's ``option``, and cannot be had.

    Raises:
        PortTaken: Something listens there, or this user may not.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server that has just stopped is no obstacle
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTaken(port, purpose, option, error.strerror or str(error)) from error
