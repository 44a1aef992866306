"""What people do in Salesloft, or what happens there, for ``POST /_simulator/change``.

``{"do": "add_person", "email": "…", "name": "…"}``. With ``email`` (of a person): ``enrol``, ``advance``, ``finish``,
``process``, ``remove`` (with ``cadence``, 42 unless said); ``send`` (a mail of the cadence, or with ``by_hand``),
``view``, ``reply``, ``bounce`` (the last mail to them); ``opt_out``, ``restrict`` (``channel``); ``call``
(``disposition``, ``to``); ``book`` (``starts_at``), ``move``, ``cancel``, ``miss`` (their last meeting). ``complete``
does a ``task`` (its id), ``drop`` deletes it. ``disable`` switches all subscriptions off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from integrations.kit.simulator.people import done
from integrations.salesloft.simulator.api import Api, Tell
from integrations.salesloft.simulator.tasks_api import TasksApi
from integrations.salesloft.simulator.team import (
    ON,
    Call,
    Email,
    Held,
    JsonObject,
    Meeting,
    Membership,
    Person,
    Task,
    Team,
)

_H = TypeVar("_H", bound=Held)
_OfPerson = TypeVar("_OfPerson", Email, Meeting)


class _Done(BaseModel):
    def shown(self) -> JsonObject:
        return {}


class People:
    """The team, and those whom it writes to."""

    def __init__(self, team: Team, api: Api, tasks: TasksApi, now: Callable[[], datetime], tell: Tell) -> None:
        self._team, self._api, self._tasks, self._now, self._tell = team, api, tasks, now, tell

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns the record.

        Raises:
            BadChange: nobody can do that.
        """
        return done(change, {
            "add_person": self._add, "enrol": self._enrol, "advance": self._advance, "finish": self._finish,
            "process": self._process, "remove": self._remove, "send": self._send, "view": self._view,
            "reply": self._reply, "bounce": self._bounce, "opt_out": self._opt_out, "restrict": self._restrict,
            "call": self._call, "book": self._book, "move": self._move, "cancel": self._cancel, "miss": self._miss,
            "complete": self._complete, "drop": self._drop, "disable": self._disable,
        })  # fmt: skip

    def _add(self, change: JsonObject) -> Person:
        now, email = self._now(), str(change["email"])
        made = Person(
            id=self._team.new_id(), created=now, updated=now, email=email, name=str(change.get("name", email)),
        )  # fmt: skip
        self._team.people[made.id] = made
        return self._told("person_created", made)

    def _enrol(self, change: JsonObject) -> Membership:
        return self._api.add(self._person(change).id, _cadence(change), 1)

    def _advance(self, change: JsonObject) -> Membership:
        one = self._membership(change)
        steps = self._team.cadences[one.cadence]
        one.step = steps[min(steps.index(one.step) + 1, len(steps) - 1)] if one.step in steps else steps[0]
        one.state = "active"
        return self._told("cadence_membership_updated", one)

    def _finish(self, change: JsonObject) -> Membership:
        return self._becomes(self._membership(change), "completed")

    def _process(self, change: JsonObject) -> Membership:
        return self._becomes(self._membership(change), "processing")

    def _remove(self, change: JsonObject) -> Membership:
        return self._becomes(self._membership(change), "removed")

    def _send(self, change: JsonObject) -> Email:
        now, person = self._now(), self._person(change)
        at = now - timedelta(days=float(str(change.get("days_ago", 0))))
        made = Email(
            id=self._team.new_id(), created=at, updated=now, sent=at, person=person.id, address=person.email,
            cadence=None if change.get("by_hand") else _cadence(change),
        )  # fmt: skip
        self._team.emails[made.id] = made
        return self._told("email_updated", made)

    def _view(self, change: JsonObject) -> Email:
        one = self._email(change)
        one.views += 1
        return self._told("email_updated", one)

    def _reply(self, change: JsonObject) -> Email:
        one = self._email(change)
        one.replies += 1
        self._told("email_updated", one)
        for membership in self._current(one):
            membership.replies += 1
            self._becomes(membership, "removed")
        return one

    def _bounce(self, change: JsonObject) -> Email:
        one = self._email(change)
        one.bounced = True
        self._told("email_updated", one)
        for membership in self._current(one):
            membership.bounces += 1
            self._becomes(membership, "removed")
        return one

    def _opt_out(self, change: JsonObject) -> Person:
        person = self._person(change)
        person.do_not_contact = True
        for membership in self._team.memberships.values():
            if membership.person == person.id and membership.state in ON:
                self._becomes(membership, "removed")
        return self._told("person_updated", person)

    def _restrict(self, change: JsonObject) -> Person:
        person = self._person(change)
        person.restrictions = [*person.restrictions, str(change["channel"])]
        return self._told("person_updated", person)

    def _call(self, change: JsonObject) -> Call:
        now, disposition = self._now(), change.get("disposition")
        made = Call(
            id=self._team.new_id(), created=now, updated=now, person=self._person(change).id,
            to=str(change.get("to", "")), disposition=str(disposition) if disposition else None,
        )  # fmt: skip
        self._team.calls[made.id] = made
        return self._told("call_created", made)

    def _book(self, change: JsonObject) -> Meeting:
        now, person = self._now(), self._person(change)
        made = Meeting(
            id=self._team.new_id(), created=now, updated=now, person=person.id, email=person.email,
            starts=datetime.fromisoformat(str(change["starts_at"])),
        )  # fmt: skip
        self._team.meetings[made.id] = made
        return self._told("meeting_booked", made)

    def _move(self, change: JsonObject) -> Meeting:
        one = self._meeting(change)
        one.starts = datetime.fromisoformat(str(change["starts_at"]))
        return self._told("meeting_updated", one)

    def _cancel(self, change: JsonObject) -> Meeting:
        one = self._meeting(change)
        one.cancelled = self._now()
        return self._told("meeting_updated", one)

    def _miss(self, change: JsonObject) -> Meeting:
        one = self._meeting(change)
        one.no_show = True
        return self._told("meeting_updated", one)

    def _complete(self, change: JsonObject) -> Task:
        one = self._team.tasks[int(str(change["task"]))]
        self._tasks.complete(one)
        return one

    def _drop(self, change: JsonObject) -> Task:
        return self._team.tasks.pop(int(str(change["task"])))

    def _disable(self, _: JsonObject) -> _Done:
        for one in self._team.subscriptions.values():
            one.enabled = False
        return _Done()

    def _becomes(self, one: Membership, state: str) -> Membership:
        one.state = state
        return self._told("cadence_membership_updated", one)

    def _current(self, email: Email) -> list[Membership]:
        return [
            one for one in self._team.memberships.values()
            if (one.person, one.cadence) == (email.person, email.cadence) and one.state in ON
        ]  # fmt: skip

    def _told(self, event: str, record: _H) -> _H:
        record.updated = self._now()
        self._tell(event, record)
        return record

    def _person(self, change: JsonObject) -> Person:
        return self._team.person_with(str(change["email"]))

    def _membership(self, change: JsonObject) -> Membership:
        one = self._team.membership_of(self._person(change).id, _cadence(change))
        if one is None:
            raise KeyError("membership")
        return one

    def _email(self, change: JsonObject) -> Email:
        return _last(self._team.emails.values(), self._person(change))

    def _meeting(self, change: JsonObject) -> Meeting:
        return _last(self._team.meetings.values(), self._person(change))


def _cadence(change: JsonObject) -> int:
    return int(str(change.get("cadence", 42)))


def _last(records: Iterable[_OfPerson], person: Person) -> _OfPerson:
    theirs = [one for one in records if one.person == person.id]
    if not theirs:
        raise KeyError("a record of theirs")
    return theirs[-1]
