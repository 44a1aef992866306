"""Ports on this machine's own interface."""

import contextlib
import socket
from random import SystemRandom

from local.server.errors import PortTaken

LOOPBACK = "127.0.0.1"
_FOR_SERVERS = range(20_000, 32_768)


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on at this moment, all different.

    They lie below the ports that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere): one
    of these may be taken before a server listens on it.
    """
    found: list[int] = []
    with contextlib.ExitStack() as stack:
        for port in SystemRandom().sample(_FOR_SERVERS, len(_FOR_SERVERS)):
            if len(found) == count:
                break
            with contextlib.suppress(OSError):  # it is taken
                stack.enter_context(socket.socket()).bind((LOOPBACK, port))
                found.append(port)
    return found


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
