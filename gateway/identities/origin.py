"""Where a request comes from: its sender's address, and whether that is this very machine."""

from __future__ import annotations

from ipaddress import ip_address

from fastapi import Request

_SAYS_THAT_IT_WAS_PASSED_ON = (
    "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port",
    "x-forwarded-server", "x-real-ip", "x-client-ip", "x-original-forwarded-for", "x-envoy-external-address",
    "true-client-ip", "cf-connecting-ip", "cf-ray", "fastly-client-ip", "x-amzn-trace-id", "fly-client-ip",
)  # fmt: skip
"""Headers that proxies, load balancers and tunnels add."""
_NAMES_OF_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})


def address_of(request: Request) -> str:
    """The sender's address. Behind a trusted proxy it is the one that the proxy names."""
    return request.client.host if request.client else "unknown"


def is_from_this_machine(request: Request) -> bool:
    """Whether a program on this machine sent it, to this machine, and no proxy passed it on.

    The host has to be this machine's name too: a page that a browser shows here may be anybody's, and its own name may
    lead here.
    """
    if any(name in request.headers for name in _SAYS_THAT_IT_WAS_PASSED_ON):
        return False
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name.lower() not in _NAMES_OF_THIS_MACHINE:
        return False
    try:
        return ip_address(address_of(request)).is_loopback
    except ValueError:
        return False
