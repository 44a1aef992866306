"""Where events may be sent to: never, by mistake or malice, into our own network.

A subscriber's host is resolved for each attempt, all of its addresses are checked, and the connection goes to one of
those very addresses: a name that resolves to something else a moment later leads nowhere else.
"""

from __future__ import annotations

import asyncio
import re
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
_LOCALHOST = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
_GIVEN_OUT = IPv6Network("2000::/3")
"""All IPv6 that is given out on the internet. Outside of it are NAT64 and mapped IPv4 addresses, which lead on to IPv4,
and site-local ones (``fec0::/10``), which Python takes for public."""
_SPECIAL: tuple[Network, ...] = (
    IPv6Network("2001::/23"),  # of protocols: Teredo, which leads to IPv4, and anycast that the next router answers
    IPv6Network("2002::/16"),  # 6to4 leads to IPv4 (RFC 3056)
    IPv6Network("3fff::/20"),  # for documentation (RFC 9637)
    IPv4Network("192.0.0.0/24"),  # of protocols: anycast that the next router answers
    IPv4Network("192.88.99.0/24"),  # relays of 6to4 (RFC 7526)
)


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
        if literal := _literal(target.host) or _spelled(target.host):
            self._check(target, literal)
        elif target.host == "localhost" and not any(self._allows(one) for one in _LOCALHOST):
            self._check(target, _LOCALHOST[0])
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
        allowed = self._allows(address)
        if target.plain and not (allowed and address.is_loopback):
            raise UnsafeTarget("events go out over https only", "write https://…")
        if not allowed and not _is_public(address):
            raise UnsafeTarget(
                f"{quoted(target.host)} leads into a network that is not public ({address})",
                f"name the network in {_SETTING} if events may go there",
            )

    def _allows(self, address: Address) -> bool:
        return any(_within(address, network) for network in self.networks)


def _spelled(host: str) -> Address | None:
    """The IPv4 address that resolvers read in a number, or in parts that are hexadecimal, octal or missing."""
    if re.fullmatch(r"(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}", host, re.IGNORECASE) is None:
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _within(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def _is_public(address: Address) -> bool:
    """Whether it is an address of the internet. IPv6 that leads on to an IPv4 address is not looked into."""
    given_out = address.version == 4 or _within(address, _GIVEN_OUT)  # noqa: PLR2004 - of IP
    if not given_out or any(_within(address, one) for one in _SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
