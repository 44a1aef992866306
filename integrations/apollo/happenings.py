"""What a contact's standing and timeline in Apollo tell of an enrolment: facts, each under an id of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from dealwright.client.checked_fact import CheckedFact
from dealwright.facts import FACTS
from dealwright.validation.reading import read_fields
from integrations.apollo.records import Contact, Happened, Status
from integrations.apollo.settings import SOURCE
from integrations.kit.enrolments import Enrolled
from store.intake import Event

_BEFORE_ITS_BEGINNING = timedelta(seconds=5)
"""Times of one moment may differ by so much."""
_ENDS = {"replied": "replied", "manually finished": "stopped"}
"""Why a contact is active no more, as Apollo says it; any other reason of one who has finished is the last step."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What Apollo says of one enrolment."""

    contact: str
    sequence: str
    who: Enrolled
    found: Contact | None
    """None where the contact is not there any more."""
    status: Status | None
    """None where they are not in the sequence (any more)."""
    feed: tuple[Happened, ...]
    has_begun: bool
    """Whether it is known that they were in it."""
    own_stop: bool
    """Whether we have taken them out ourselves."""

    @property
    def place(self) -> str:
        """Who is in which sequence, for ids of events."""
        return f"{self.contact}-{self.sequence}"

    def began(self) -> datetime | None:
        """When the enrolment began; None where Apollo does not say."""
        if self.status is not None and self.status.added_at is not None:
            return self.status.added_at
        return next((one.occurred_at for one in self.feed if one.type == "enrolled"), None)


def ended_at(standing: Standing) -> datetime | None:
    """When an enrolment ended, as far as Apollo says it; None for one that goes on."""
    if how_ended(standing) is None:
        return None
    finished = standing.status.finished_at if standing.status is not None else None
    last = next((one.occurred_at for one in standing.feed if one.type in {"completed", "removed", "failed"}), None)
    return finished or last


def events_of(standing: Standing, now: datetime) -> list[Event]:
    """What the deal is told, the end first: a reply that ends its play then finds nothing to take out any more.

    The same is told under the same id at each reading.
    """
    began = standing.began()
    stamp = f"{began:%Y%m%dT%H%M%S}" if began is not None else "unknown"
    return [
        *_end(standing, stamp, now),
        *_steps(standing, stamp, now),
        *_replies(standing, began, now),
    ]


def _replies(standing: Standing, began: datetime | None, now: datetime) -> Iterator[Event]:
    for one in standing.feed:
        is_of_it = began is None or one.occurred_at >= began - _BEFORE_ITS_BEGINNING
        if one.type == "replied" and is_of_it:
            name = f"{standing.place}-replied-{one.occurred_at.astimezone(UTC):%Y%m%dT%H%M%S}"
            yield _event(standing, name, "reply_received", one.occurred_at, now, address=standing.who.address)


def _steps(standing: Standing, stamp: str, now: datetime) -> Iterator[Event]:
    status = standing.status
    position = status.current_step_position if status is not None and status.status == "active" else None
    if position is not None and position > 1:
        name, step = f"{standing.place}-step-{position}-{stamp}", str(position)
        yield _event(standing, name, "enrolment_advanced", None, now, enrolment=standing.who.enrolment, step=step)


def _end(standing: Standing, stamp: str, now: datetime) -> Iterator[Event]:
    how = how_ended(standing)
    if how is None or (how == "stopped" and standing.own_stop):
        return
    name = f"{standing.place}-ended-{how}-{stamp}"
    enrolment = standing.who.enrolment
    yield _event(standing, name, "enrolment_ended", ended_at(standing), now, enrolment=enrolment, how=how)


def how_ended(standing: Standing) -> str | None:
    """How an enrolment has ended; None for one that goes on, or of which nothing is there yet."""
    status = standing.status
    if status is None:
        was_there = any(one.type == "removed" for one in standing.feed)
        return "stopped" if standing.has_begun and (was_there or standing.found is None) else None
    unsubscribed = standing.found is not None and bool(standing.found.email_unsubscribed)
    if status.status == "finished":
        reason = _ENDS.get(status.inactive_reason or "", "finished")
        return "opted_out" if unsubscribed and reason != "replied" and not standing.own_stop else reason
    if status.status == "failed":
        return "bounced" if "bounce" in (status.failure_reason or "").lower() else "failed"
    return None


def _event(
    standing: Standing, event_id: str, fact: str, at: datetime | None, now: datetime, **fields: JsonValue
) -> Event:  # fmt: skip
    when = {} if at is None else {"at": at}
    given = {"source": SOURCE, "id": f"{SOURCE}:{event_id}", **when, **fields}
    checked = CheckedFact.of(read_fields(FACTS[fact], given))
    return Event(
        source=SOURCE, event_id=event_id, deal_ref=f"enrolment:{standing.contact}/{standing.sequence}", fact=fact,
        payload=dict(checked.payload), received_at=now,
    )  # fmt: skip
