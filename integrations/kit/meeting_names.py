"""What a meeting is called that stands in a calendar: the same for each tool that tells of it, so it counts once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

_LONGEST = 200


def meeting_name(event_id: str, ical_uid: str | None, first: datetime | None = None) -> str:
    """The event's id in Google's calendar, or what all copies of an invitation from elsewhere have in common.

    ``first`` is when an event of a series was to begin at first: all of a series have one uid.
    """
    if ical_uid is None or ical_uid == f"{event_id}@google.com":
        return event_id if len(event_id) <= _LONGEST else _hash(event_id)
    return _hash(ical_uid if first is None else f"{ical_uid} {first.astimezone(UTC).isoformat()}")


def _hash(text: str) -> str:
    return f"ical-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
