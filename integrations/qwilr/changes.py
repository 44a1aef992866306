"""What a page's standing says has happened to it: Qwilr tells of little, so each look is compared with the last one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from integrations.kit.documents import DocumentChange
from integrations.qwilr.pages import ACCEPTED, CLOSED, OPEN, Accepter, Page
from integrations.qwilr.settings import SOURCE
from store import mirror
from store.database import Store

DAYS = "dealwright_days"
"""Our mark of how many days a page may be accepted."""
DELETED = "deleted"
"""How a page stands of which Qwilr knows nothing any more."""
_VISIT = timedelta(minutes=10)
_SLACK = timedelta(days=1)
"""Qwilr does not say whether it counts whole days or hours."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the last look at a page showed."""

    status: str | None = None
    """None of a page that was never looked at."""
    time: int = 0
    """How often it was set live again after it was closed: its changes have ids of their own each time."""
    signed: tuple[str, ...] = ()
    """Who of several has accepted."""
    live_since: datetime | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    """What it carried of ours."""


def object_of(page: str) -> str:
    """What links and mirrored values call a page."""
    return f"document:{page}"


async def known_of(store: Store, page: str) -> Known:
    """What is known of a page.

    Raises:
        StoreAway: the database does not answer.
    """
    there = {name: one.value for name, one in (await mirror.known(store, SOURCE, object_of(page))).items()}
    time, signed, since, marks = (there.get(name) for name in ("time", "signed", "live_since", "marks"))
    return Known(
        status=str(there["status"]) if "status" in there else None,
        time=time if isinstance(time, int) else 0,
        signed=tuple(str(one) for one in signed) if isinstance(signed, list) else (),
        live_since=datetime.fromisoformat(since) if isinstance(since, str) else None,
        marks={name: str(value) for name, value in marks.items()} if isinstance(marks, dict) else {},
    )


def as_seen(page: Page, known: Known, now: datetime) -> dict[str, JsonValue]:
    """What to keep of a look at a page."""
    signed: list[JsonValue] = [*dict.fromkeys([*known.signed, *(_mark(one) for one in _accepted(page))])]
    opened = page.status in OPEN and known.status not in OPEN
    since = now if opened or known.live_since is None else known.live_since
    marks: dict[str, JsonValue] = {**(page.marks or known.marks)}
    return {
        "status": page.status, "time": _time(page, known), "signed": signed, "live_since": since.isoformat(),
        "marks": marks,
    }  # fmt: skip


def changes_of(page: Page, known: Known, now: datetime) -> list[DocumentChange]:
    """What has happened to a page since the last look; at ``now``, where it does not say when."""
    return [one.with_marks(page.marks) for one in _changes(page, known, now)]


def opened(page: Page, now: datetime) -> DocumentChange:
    """Somebody opened a page; Qwilr does not say who. What it tells of within ten minutes is one opening.

    The first opening it tells twice, as ``pageFirstViewed`` and as ``pageViewed``, under different keys.
    """
    visit = int(now.timestamp() // _VISIT.total_seconds())
    made = DocumentChange(id=f"{page.id}-opened-{visit}", at=now, document=page.id, change="opened")
    return made.with_marks(page.marks)


def gone(page: str, known: Known, now: datetime) -> DocumentChange:
    """A page was deleted: nobody can accept it any more."""
    made = DocumentChange(id=f"{page}-{DELETED}-{known.time}", at=now, document=page, change="voided")
    return made.with_marks({**known.marks})


def _changes(page: Page, known: Known, now: datetime) -> Iterator[DocumentChange]:
    time, accepted = _time(page, known), _accepted(page)
    if page.status == "accepting" or (page.status == ACCEPTED and len(accepted) > 1):
        for one in accepted:
            if _mark(one) not in known.signed:
                id_ = f"{page.id}-signed-{time}-{_mark(one)}"
                yield _change(page, "signed", one.accepted_at or now, id_, one.email)
        if not accepted and known.status != "accepting":
            yield _change(page, "signed", now, f"{page.id}-signed-{time}")
    if page.status == known.status:
        return
    what = _what(page, known, now)
    if what is not None:
        at = max((one.accepted_at for one in accepted if one.accepted_at), default=now) if what == "completed" else now
        # Whether it was declined or has expired depends on the clock: it is told once, whichever it was.
        yield _change(page, what, at, f"{page.id}-{page.status}-{time}")


def _what(page: Page, known: Known, now: datetime) -> str | None:
    if page.status == "live":
        return "sent" if known.status not in OPEN else None
    if page.status == ACCEPTED:
        return "completed"
    if page.status == "declined":
        return "expired" if _is_over(page, known, now) else "declined"
    was_live = known.status in OPEN
    return "voided" if page.status in CLOSED and was_live else None


def _is_over(page: Page, known: Known, now: datetime) -> bool:
    """Whether a declined page is one whose days are over; before that somebody has marked it as declined."""
    said = page.marks.get(DAYS, "")
    days = int(said) if said.isdecimal() else None
    if page.expiry is not None and page.expiry.enabled:
        days = page.expiry.days or days
    if days is None:
        return page.expiry is not None and page.expiry.enabled
    return known.live_since is None or now >= known.live_since + timedelta(days=days) - _SLACK


def _time(page: Page, known: Known) -> int:
    return known.time + 1 if page.status in OPEN and known.status in CLOSED else known.time


def _accepted(page: Page) -> list[Accepter]:
    return [one for one in page.accepters if one.has_accepted]


def _mark(one: Accepter) -> str:
    return hashlib.sha256((one.email or one.name or "").encode()).hexdigest()[:16]


def _change(page: Page, what: str, at: datetime, id_: str, address: str | None = None) -> DocumentChange:
    link = page.link if what == "sent" else None
    return DocumentChange(id=id_, at=at, document=page.id, change=what, address=address, link=link)
