"""How far a tool's clock is from ours: signatures, tokens and cursors go wrong when they differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2 as httpx

from integrations.kit.findings import Finding, Level
from integrations.kit.trusted_authorities import trusted_authorities

MAY_DIFFER_BY = timedelta(seconds=30)
"""Tools take signatures that are up to five minutes off; half a minute is no accident any more."""
_BROKEN_AT = timedelta(minutes=4)
_TIMEOUT = 10.0


async def compare_clocks(address: str) -> Finding:
    """Compare ours with the ``Date`` header of whatever a tool's API answers, without credentials."""
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, verify=trusted_authorities()) as http:
            began = datetime.now(UTC)
            async with http.stream("GET", address) as answer:
                said = answer.headers.get("date")
            ended = datetime.now(UTC)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Finding(
            "problem", "reach", f"{address} does not answer ({type(error).__name__})",
            "Look at base_url, the network and its proxy",
        )  # fmt: skip
    there = _time(said)
    if there is None:
        return Finding("warning", "clock", "its answer has no time", "Compare this machine's clock by hand")
    return _finding(there - began - (ended - began) / 2)


def _finding(ahead: timedelta) -> Finding:
    # The header counts in whole seconds.
    apart = abs(ahead)
    says = f"{apart.total_seconds():.0f} s {'behind' if ahead > timedelta(0) else 'ahead of'} the tool's"
    if apart <= MAY_DIFFER_BY:
        return Finding("ok", "clock", f"this machine's is {says}")
    level: Level = "problem" if apart >= _BROKEN_AT else "warning"
    return Finding(level, "clock", f"this machine's is {says}", "Let this machine set its clock by NTP")


def _time(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
