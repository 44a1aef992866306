"""What people do in Apollo and contacts by mail, for ``POST /_simulator/change``.

``{"do": "save", "email": "…", "unsubscribed": false}`` and ``{"do": "enrol", "email": "…"}``; with ``email`` (and
``sequence``, by default the first): ``advance``, ``reply`` (``ends``: false where the sequence goes on), ``bounce``,
``unsubscribe``, ``fail``, ``finish``, ``remove``, ``delete`` (the contact). With ``task``: ``complete`` (``says``: what
they add to its note), ``skip``, ``drop``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import JsonValue

from integrations.apollo.simulator.api import take_out
from integrations.apollo.simulator.tasks_api import TasksApi
from integrations.apollo.simulator.team import (
    ACCOUNTS,
    SEQUENCES,
    STEPS,
    USERS,
    Contact,
    Happened,
    JsonObject,
    Status,
    Task,
    Team,
)
from integrations.kit.simulator.people import done
from integrations.kit.simulator.simulator import BadChange


class People:
    """Those who sell, and contacts."""

    def __init__(self, team: Team, now: Callable[[], datetime], tasks: TasksApi) -> None:
        self._team, self._now, self._tasks = team, now, tasks

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns the contact, or the task.

        Raises:
            BadChange: nobody can do that.
        """
        return done(change, {
            "save": self._save, "enrol": self._enrol, "advance": self._advance, "reply": self._reply,
            "bounce": self._bounce, "unsubscribe": self._unsubscribe, "fail": self._fail, "finish": self._finish,
            "remove": self._remove, "delete": self._delete, "complete": self._complete, "skip": self._skip,
            "drop": self._drop,
        })  # fmt: skip

    def _save(self, change: JsonObject) -> Contact:
        made = Contact(
            id=self._team.new_id(), email=str(change["email"]), unsubscribed=change.get("unsubscribed") is True or None,
            created=self._now(),
        )  # fmt: skip
        self._team.contacts[made.id] = made
        return made

    def _enrol(self, change: JsonObject) -> Contact:
        contact = self._contact(change)
        why_not = self._team.add(contact, _sequence(change), ACCOUNTS[1], USERS[1], self._now())
        if why_not is not None:
            raise BadChange(why_not)
        return contact

    def _advance(self, change: JsonObject) -> Contact:
        contact, status = self._under_way(change)
        if (status.step or 1) == STEPS:
            return self._end(contact, status, "finished", "Completed last step", "completed")
        status.step = (status.step or 1) + 1
        return contact

    def _reply(self, change: JsonObject) -> Contact:
        contact, sequence = self._contact(change), _sequence(change)
        message = self._team.new_id()
        contact.timeline.insert(0, Happened(type="replied", at=self._now(), sequence=sequence, message=message))
        status = contact.standing(sequence)
        if status is not None and status.status == "active" and change.get("ends") is not False:
            return self._end(contact, status, "finished", "replied", "completed")
        return contact

    def _bounce(self, change: JsonObject) -> Contact:
        contact, status = self._under_way(change)
        status.failure_reason = "Email bounced"
        return self._end(contact, status, "failed", None, "failed")

    def _unsubscribe(self, change: JsonObject) -> Contact:
        contact, status = self._under_way(change)
        contact.unsubscribed = True
        return self._end(contact, status, "finished", "unsubscribed", "completed")

    def _fail(self, change: JsonObject) -> Contact:
        contact, status = self._under_way(change)
        status.failure_reason = "Mailbox disconnected"
        return self._end(contact, status, "failed", None, "failed")

    def _finish(self, change: JsonObject) -> Contact:
        contact, status = self._under_way(change)
        take_out(contact, status.sequence, "mark_as_finished", self._now())
        return contact

    def _remove(self, change: JsonObject) -> Contact:
        contact, status = self._under_way(change)
        take_out(contact, status.sequence, "remove", self._now())
        return contact

    def _delete(self, change: JsonObject) -> Contact:
        return self._team.contacts.pop(self._contact(change).id)

    def _complete(self, change: JsonObject) -> Task:
        task, says = self._team.tasks[str(change["task"])], change.get("says")
        self._tasks.resolve(task, "completed", None if says is None else str(says))
        return task

    def _skip(self, change: JsonObject) -> Task:
        task = self._team.tasks[str(change["task"])]
        self._tasks.resolve(task, "skipped", None)
        return task

    def _drop(self, change: JsonObject) -> Task:
        return self._team.tasks.pop(str(change["task"]))

    def _end(self, contact: Contact, status: Status, becomes: str, reason: str | None, event: str) -> Contact:
        now = self._now()
        status.status, status.inactive_reason = becomes, reason
        status.finished = now if becomes == "finished" else None
        contact.timeline.insert(0, Happened(type=event, at=now, sequence=status.sequence))
        return contact

    def _contact(self, change: JsonObject) -> Contact:
        found = self._team.with_email(str(change["email"]))
        if not found:
            raise BadChange("there is no such contact")
        return found[0]

    def _under_way(self, change: JsonObject) -> tuple[Contact, Status]:
        contact = self._contact(change)
        status = contact.standing(_sequence(change))
        if status is None or status.status != "active":
            raise BadChange("they are not in the sequence")
        return contact, status


def _sequence(change: JsonObject) -> str:
    return str(change.get("sequence", SEQUENCES[0]))
