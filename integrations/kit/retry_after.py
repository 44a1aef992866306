"""``Retry-After``, as tools write it: seconds, an HTTP date (RFC 9110), or an ISO time (Outreach)."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=1)
"""A longer wait is cut: the call is tried again then, and told anew how long to wait."""


def retry_after(text: str | None, now: datetime) -> timedelta | None:
    """How long to wait from now on (wall clock); None where nothing is said, or nothing that can be read."""
    wait = _wait(text.strip(), now) if text else None
    return None if wait is None else min(max(wait, timedelta(0)), LONGEST)


def _wait(text: str, now: datetime) -> timedelta | None:
    try:
        seconds = float(text)
    except ValueError:
        at = _http_date(text) or _iso_time(text)
        return None if at is None else at - now
    return timedelta(seconds=min(seconds, LONGEST.total_seconds())) if math.isfinite(seconds) else None


def _http_date(text: str) -> datetime | None:
    try:
        return _aware(parsedate_to_datetime(text))
    except (ValueError, TypeError):
        return None


def _iso_time(text: str) -> datetime | None:
    try:
        return _aware(datetime.fromisoformat(text))
    except ValueError:
        return None


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
