"""Whom this process trusts to say who a server is."""

from __future__ import annotations

import functools
import ssl

import httpx2


@functools.cache
def trusted_authorities(*, trust_env: bool = True) -> ssl.SSLContext:
    """As httpx2 has them, read once: reading some hundred certificates for each client takes 20 ms of a core.

    ``trust_env`` lets SSL_CERT_FILE and SSL_CERT_DIR name others.
    """
    return httpx2.create_ssl_context(trust_env=trust_env)
