"""Wrong keys: counted, logged, and slowed by where they come from and by how they begin.

What counts them is bounded, and nobody can be locked out by others: a key that nobody can guess always opens. A key
that somebody made up (``DEALWRIGHT_API_KEYS``) waits like any other while its address or its first characters have
used up their attempts, unless it opened from there before.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from gateway.rate_limits import RateLimiter

log = logging.getLogger(__name__)

PER_SECOND = 0.5
"""Wrong keys a second, on the average, of one address or one beginning; as many as 20 seconds allow at once."""
BEGINNING = 12
"""Characters of a key by which wrong ones are counted: ``dwk_`` and its id."""
_REMEMBERED, _REMEMBERED_FOR = 1000, 86_400.0
"""Keys that opened, each with its address, and for how many seconds."""
_LOGGED_EVERY = 10.0
"""Seconds between two lines of the log."""


class FailedAttempts:
    """How often a wrong key came, and whether the next attempt has to wait."""

    def __init__(self, per_second: float = PER_SECOND, clock: Callable[[], float] = time.monotonic) -> None:
        self._addresses, self._beginnings = RateLimiter(per_second, clock), RateLimiter(per_second, clock)
        self._clock = clock
        self._opened: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._logged_at, self._unlogged = float("-inf"), 0
        self.count = 0
        """Since the gateway started."""

    def must_wait(self, address: str, key: str, key_id: str) -> float:
        """Seconds for which a right key that might be guessed has to wait."""
        if self._clock() - self._opened.get((address, key_id), float("-inf")) < _REMEMBERED_FOR:
            return 0.0
        return max(self._addresses.wait(network_of(address)), self._beginnings.wait(key[:BEGINNING]))

    def opened(self, address: str, key_id: str) -> None:
        """A key that might be guessed has opened."""
        self._opened.pop((address, key_id), None)
        self._opened[address, key_id] = self._clock()
        if len(self._opened) > _REMEMBERED:
            self._opened.popitem(last=False)

    def failed(self, address: str, key: str, why: str) -> float:
        """Count a wrong key; returns how many seconds its sender is asked to wait."""
        self.count += 1
        self._unlogged += 1
        now = self._clock()
        if now - self._logged_at >= _LOGGED_EVERY:
            log.warning("%d requests without a valid key; the last one from %s: %s", self._unlogged, address, why)
            self._logged_at, self._unlogged = now, 0
        waits = [self._addresses.take(network_of(address))]
        if key:
            waits.append(self._beginnings.take(key[:BEGINNING]))
        return max(waits)


def network_of(address: str) -> str:
    """What belongs to one sender: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)
