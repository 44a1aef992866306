"""Whom this process trusts to say who a server is."""

from __future__ import annotations

import functools
import ssl

import httpx2


@functools.cache
def trusted_authorities() -> ssl.SSLContext:
    """As httpx2 has them, read once: reading some hundred certificates for each client takes 20 ms of a core."""
    return httpx2.create_ssl_context()
