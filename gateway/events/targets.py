"""Where events may be sent to: never, by mistake or malice, into our own network.

A subscriber's host is resolved for each attempt, all of its addresses are checked, and the connection goes to one of
those very addresses: a name that resolves to something else a moment later leads nowhere else.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

import httpx2

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.text import quoted

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LONGEST_URL = 2000
_SETTING = "DEALWRIGHT_EVENT_NETWORKS"
_PORTS = {"https": 443, "http": 80}
_LEAD_TO_IPV4 = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))
"""NAT64 (RFC 6052, 8215), 6to4 (RFC 3056), Teredo (RFC 4380), and what came before them."""


class UnsafeTarget(BadValue):
    """A URL that events are not sent to."""


@dataclass(frozen=True)
class Target:
    """Where a subscriber listens."""

    url: httpx2.URL
    host: str
    port: int
    plain: bool
    """Without TLS."""


@dataclass(frozen=True)
class Targets:
    """Which targets are let be: all public addresses over https, and besides them these ``networks``."""

    networks: Sequence[Network] = ()

    def read(self, url: str) -> Target:
        """A subscriber's URL.

        Raises:
            UnsafeTarget: what is wrong with it.
        """
        try:
            parsed = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError):
            raise UnsafeTarget("this is no URL", "write one like https://crm.example.com/hooks/deals") from None
        if len(url) > LONGEST_URL or not url.isprintable():
            raise UnsafeTarget("this URL is too long, or has invisible characters", f"{LONGEST_URL} are enough")
        if parsed.scheme not in _PORTS or not parsed.host:
            raise UnsafeTarget("events go to a URL over https", "write one like https://crm.example.com/hooks/deals")
        if parsed.userinfo or parsed.fragment:
            problem = "a user, a password or a fragment has no place in this URL"
            raise UnsafeTarget(problem, "leave it out: events are signed")
        target = Target(parsed, parsed.host, parsed.port or _PORTS[parsed.scheme], plain=parsed.scheme == "http")
        if literal := _literal(target.host):
            self._check(target, literal)
        elif target.plain and target.host != "localhost":
            raise UnsafeTarget("events go out over https only", "write https://…")
        return target

    async def resolve(self, target: Target) -> list[Address]:
        """The addresses to connect to.

        Raises:
            UnsafeTarget: one of them is not to be sent to.
            OSError: the name cannot be resolved.
        """
        if literal := _literal(target.host):
            addresses = [literal]
        else:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(ip_address(address[0]) for *_, address in found))
        for address in addresses:
            self._check(target, address)
        return addresses

    def _check(self, target: Target, address: Address) -> None:
        allowed = any(_within(address, network) for network in self.networks)
        if target.plain and not (allowed and address.is_loopback):
            raise UnsafeTarget("events go out over https only", "write https://…")
        if not allowed and not _is_public(address):
            raise UnsafeTarget(
                f"{quoted(target.host)} leads into a network that is not public ({address})",
                f"name the network in {_SETTING} if events may go there",
            )


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _within(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def _is_public(address: Address) -> bool:
    """Whether it is an address of the internet. IPv6 that leads on to an IPv4 address is not looked into."""
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or any(address in one for one in _LEAD_TO_IPV4)):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
