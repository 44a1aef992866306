"""Websites as people write them into CRMs, and domains as deals know them."""

from __future__ import annotations

from urllib.parse import urlsplit


def domain_of(website: str | None) -> str | None:
    """The domain of a website, without ``www.``: of ``https://www.acme.com/de`` it is ``acme.com``."""
    if not website or not website.strip():
        return None
    try:
        host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    except ValueError:  # brackets that enclose no address
        return None
    return host.strip().removeprefix("www.") or None
