"""What Salesloft's records say that happened, in the form that the mapping file reads.

The same record says the same under the same ids, by webhook and by reading. Ids say what happened where that can happen
once (a call, a reply, an end): Salesloft changes a record's ``updated_at`` with each look at a mail. Where it can be so
again (a meeting's time), they have ``updated_at`` in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from dealwright.values.phone_numbers import e164
from integrations.kit.meeting_names import meeting_name
from integrations.kit.open_tasks import how_it_is_gone
from integrations.kit.own_tasks import OwnTask
from integrations.salesloft.enrolled import Enrolled
from integrations.salesloft.records import STATES_OF_THE_END, Call, Email, Meeting, Membership, Person, Task
from store.mirror import Mirrored

_NAME = "name"
"""Under which it is kept how a meeting is called."""
_LONGEST_LINK = 200
"""Facts have no longer ones, and a meeting without its link is better than none."""
_WORDS = (
    ("voicemail", "voicemail"), ("voice mail", "voicemail"), ("no answer", "no_answer"), ("not connected", "no_answer"),
    ("did not connect", "no_answer"), ("busy", "no_answer"), ("wrong number", "no_answer"), ("connected", "connected"),
)  # fmt: skip
"""How a disposition is understood that the connection does not name."""


class Change(BaseModel):
    """One thing that happened."""

    model_config = ConfigDict(frozen=True)

    id: str
    at: AwareDatetime
    kind: str
    object: str
    """What is linked to the deal, where no deal is named."""
    deal: str | None = None
    people: tuple[str, ...] = ()
    """Addresses and numbers of who takes part."""
    address: str | None = None
    enrolment: str | None = None
    step: str | None = None
    how: str | None = None
    task: str | None = None
    outcome: str | None = None
    result: str | None = None
    meeting: str | None = None
    starts_at: str | None = None
    link: str | None = None
    channel: str | None = None
    held: bool = False
    """We did it ourselves."""

    def to_deal(self, deal: str) -> Change:
        """The same, told to one of several deals."""
        return self.model_copy(update={"deal": deal, "id": f"{self.id}-{deal}"})


def of_membership(one: Membership, ours: Enrolled, *, taken_out: bool) -> Iterator[Change]:
    """What became of whom we enrolled."""
    if ours.is_of_before(one) or one.person is None or one.cadence is None:
        return
    name = f"membership-{one.id}-{one.added_at.isoformat() if one.added_at else ''}"
    known = {
        "at": one.updated_at, "object": f"membership:{one.cadence.id}:{one.person.id}", "deal": ours.deal,
        "enrolment": ours.effect,
    }  # fmt: skip
    if not one.is_on:
        yield Change.model_validate(
            {**known, "id": f"{name}-ended", "kind": "enrolment_ended", "how": _end(one, ours), "held": taken_out}
        )
    elif one.step is not None:
        step = str(one.step.id)
        yield Change.model_validate({**known, "id": f"{name}-step-{step}", "kind": "enrolment_advanced", "step": step})


def _end(one: Membership, ours: Enrolled) -> str:
    how = STATES_OF_THE_END.get(one.current_state or "", "stopped")
    if how == "stopped" and one.counts is not None:
        if (one.counts.replies or 0) > ours.replies:
            return "replied"
        if (one.counts.bounces or 0) > ours.bounces:
            return "bounced"
    return how


def of_email(one: Email, ours: Enrolled | None) -> Iterator[Change]:
    """What became of a mail that somebody, or a cadence, sent."""
    address = one.recipient_email_address
    if not address:
        return
    known = {
        "at": one.updated_at, "object": f"email:{one.id}", "address": address, "people": (address,),
        "deal": ours.deal if ours else None,
    }  # fmt: skip
    if (replies := (one.counts.replies if one.counts else None) or 0) > 0:
        yield Change.model_validate({**known, "id": f"email-{one.id}-replied-{replies}", "kind": "replied"})
    if one.bounced:
        yield Change.model_validate({**known, "id": f"email-{one.id}-bounced", "kind": "bounced"})


def of_call(one: Call, address: str | None, dispositions: Mapping[str, str], deal: str | None) -> Iterator[Change]:
    """A call, once it is known how it went."""
    how = _result(one.disposition, dispositions)
    if how is not None:
        people = tuple(filter(None, (address, one.to)))
        yield Change(
            id=f"call-{one.id}", at=one.created_at, kind="call", object=f"call:{one.id}", how=how, people=people,
            address=address or e164(one.to), deal=deal,
        )  # fmt: skip


def _result(disposition: str | None, dispositions: Mapping[str, str]) -> str | None:
    if not disposition:
        return None
    said = disposition.strip().lower()
    theirs = {name.strip().lower(): ours for name, ours in dispositions.items()}
    how = theirs.get(said) or next((ours for word, ours in _WORDS if word in said), None)
    return None if how == "ignore" else how


def name_of_meeting(one: Meeting, known: Mapping[str, Mirrored]) -> str:
    """What a meeting is called: as a calendar that is read too calls it, and as it was called before."""
    if (before := known.get(_NAME)) is not None:
        return str(before.value)
    if known or one.event_id is None or one.i_cal_uid is None:
        return str(one.id)
    return meeting_name(one.event_id, one.i_cal_uid)


def values_of_meeting(one: Meeting, name: str) -> dict[str, JsonValue]:
    """What of a meeting matters to deals."""
    return {
        _NAME: name,
        "starts_at": one.start_time.isoformat() if one.start_time else None,
        "cancelled": one.canceled_at is not None, "missed": one.no_show is True,
    }  # fmt: skip


def of_meeting(one: Meeting, name: str, new: Mapping[str, JsonValue], deal: str | None) -> Iterator[Change]:
    """What changed about a meeting, given what of its values is new."""
    asked = (each.email for each in one.attendees or () if not each.organizer)
    people = tuple(dict.fromkeys(filter(None, (one.recipient_email, *(one.guests or ()), *asked))))[:50]
    known = {
        "at": one.updated_at, "object": f"meeting:{one.id}", "meeting": name, "people": people, "deal": deal,
    }  # fmt: skip

    def told(kind: str, **more: str | None) -> Change:
        id_ = f"meeting-{one.id}-{one.updated_at.isoformat()}-{kind}"
        return Change.model_validate({**known, "id": id_, "kind": f"meeting_{kind}", **more})

    cancelled = one.canceled_at is not None
    if "starts_at" in new and one.start_time is not None and not cancelled:
        where = one.location or ""
        link = where if where.startswith("https://") and len(where) <= _LONGEST_LINK else None
        yield told("booked", starts_at=one.start_time.isoformat(), link=link)
    if new.get("cancelled"):
        yield told("cancelled")
    if new.get("missed") and not cancelled:
        yield told("missed")


def of_task(one: Task, own: OwnTask) -> Iterator[Change]:
    """A task that somebody has completed."""
    if one.is_done:
        yield Change(
            id=f"task-{one.id}-completed", at=one.completed_at or one.updated_at, kind="task_completed",
            object=f"task:{one.id}", deal=own.deal, task=own.task, held=own.closed,
        )  # fmt: skip


def of_gone_task(id_: str, own: OwnTask, at: datetime) -> Change:
    """A task that somebody has deleted, which was noticed at a time."""
    known = {
        "id": f"task-{id_}-gone", "at": at, "kind": "task_completed", "object": f"task:{id_}", "deal": own.deal,
        "task": own.task,
    }  # fmt: skip
    return Change.model_validate({**known, **how_it_is_gone("Salesloft")})


def values_of_person(one: Person) -> dict[str, JsonValue]:
    """What of a person matters to deals: for each channel, whether they are not to be reached by it."""
    return {channel: channel in one.refused for channel in ("email", "call", "text")}


def of_person(one: Person, new: Mapping[str, JsonValue]) -> Iterator[Change]:
    """By which channels a person is not to be reached any more, given what of their values is new."""
    address, at = one.email_address, one.updated_at
    if not address:
        return
    for channel, ours in (("email", None), ("call", "call"), ("text", "sms")):
        if new.get(channel):
            yield Change(
                id=f"person-{one.id}-{at.isoformat()}-{channel}", at=at, kind="refused" if ours else "opted_out",
                object=f"person:{one.id}", address=address, people=(address,), channel=ours,
            )  # fmt: skip
