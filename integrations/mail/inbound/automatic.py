"""Automatic mail: what its headers say of it. What it says in words is never read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from integrations.mail.inbound.incoming import IncomingMail

_MARKS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "list-id",
    "x-ms-exchange-inbox-rules-loop",
)
_BY_A_PROGRAM = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
_APPLE = re.compile(r"\bendDate=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z")
_TO_ANY_MORNING = timedelta(hours=13, seconds=1)


@dataclass(frozen=True)
class AutomaticMail:
    """A message that a program wrote: most are absence notices."""

    mark: str
    """Which header says so."""
    returns_on: date | None
    """The first day on which whoever is away is back, where a header says so."""


def automatic_mail(mail: IncomingMail) -> AutomaticMail | None:
    """What the headers of an automatic message say; None for what a person wrote.

    Test for a delivery report first: reports bear the same marks.
    """
    mark = _mark(mail)
    return None if mark is None else AutomaticMail(mark, _apple_return(mail.headers.first("x-apple-criteria")))


def _mark(mail: IncomingMail) -> str | None:
    submitted = re.split(r"[;(\s]", mail.headers.first("auto-submitted").strip().lower())[0]
    if submitted and submitted != "no":
        return "Auto-Submitted"
    if mail.headers.first("precedence").strip().lower() in _BY_A_PROGRAM:
        return "Precedence"
    if mail.headers.first("x-apple-action").strip().upper() == "VACATION":
        return "X-Apple-Action"
    if marked := next((name for name in _MARKS if name in mail.headers), None):
        return marked.title()
    return "the null return path" if mail.null_return_path else None


def _apple_return(criteria: str) -> date | None:
    """The day after Apple's ``endDate``, which is the last second of a day wherever its owner is.

    The next second is midnight there. Thirteen hours later it is that very day in UTC too, from Hawaii to New Zealand.
    """
    if (found := _APPLE.search(criteria)) is None:
        return None
    try:
        return (datetime.fromisoformat(f"{found[1]}+00:00") + _TO_ANY_MORNING).date()
    except (ValueError, OverflowError):
        return None
