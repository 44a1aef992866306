"""What people do in their calendars: they invite, move, call off, decline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import AwareDatetime, JsonValue, TypeAdapter

from integrations.google_calendar.simulator.workspace import Attendee, Event, JsonObject, Workspace, new_id
from integrations.kit.simulator.simulator import BadChange

_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


class People:
    """Owners of calendars, and those whom they meet. ``tell`` is called for each event that changed."""

    def __init__(self, workspace: Workspace, now: Callable[[], datetime], tell: Callable[[Event], None]) -> None:
        self._workspace, self._now, self._tell = workspace, now, tell

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns the event's id.

        Raises:
            BadChange: nobody can do that.
        """
        actions = {
            "book": self._book, "move": self._move, "edit": self._edit, "cancel": self._cancel,
            "restore": self._restore, "remove": self._remove, "respond": self._respond, "uninvite": self._uninvite,
        }  # fmt: skip
        action = actions.get(str(change.get("do")))
        if action is None:
            raise BadChange(f"do is one of {', '.join(actions)}, forget_sync_tokens, end_channels, end_access_tokens")
        try:
            event = action(change)
        except (KeyError, TypeError) as error:
            raise BadChange(f"{error} is missing, or unknown") from error
        self._workspace.changed(event, self._now())
        self._tell(event)
        return event.id

    def _book(self, change: JsonObject) -> Event:
        now, starts_at = self._now(), _MOMENT.validate_python(change["starts_at"])
        id_, guests, private = new_id(), change.get("guests", []), change.get("private", {})
        organizer = str(change.get("organizer", self._workspace.calendars[0]))
        invited = [organizer, *(map(str, guests) if isinstance(guests, list) else [])]
        return Event(
            id=id_, organizer=organizer, title=str(change.get("title", "Intro")),
            description=str(change.get("description", "")), starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=float(str(change.get("minutes", 30)))), created=now, updated=now,
            attendees=[Attendee(email=email, response="accepted" if email == organizer else "needsAction")
                       for email in invited] if len(invited) > 1 else [],
            private={str(key): str(value) for key, value in private.items()} if isinstance(private, dict) else {},
            uid=str(change.get("uid", f"{id_}@google.com")),
            link=str(change["link"]) if "link" in change else None,
            visibility=str(change["visibility"]) if "visibility" in change else None,
            all_day=change.get("all_day") is True, weekly=change.get("weekly") is True,
        )  # fmt: skip

    def _move(self, change: JsonObject) -> Event:
        there = self._there(change)
        lasts = there.ends_at - there.starts_at
        there.starts_at = _MOMENT.validate_python(change["starts_at"])
        there.ends_at = there.starts_at + lasts
        there.sequence += 1
        for one in there.attendees:
            one.response = "accepted" if one.email == there.organizer else "needsAction"
        return there

    def _edit(self, change: JsonObject) -> Event:
        there = self._there(change)
        there.title = str(change.get("title", there.title))
        there.description = str(change.get("description", there.description))
        return there

    def _cancel(self, change: JsonObject) -> Event:
        there = self._there(change)
        there.cancelled = True
        return there

    def _restore(self, change: JsonObject) -> Event:
        there = self._workspace.events[str(change["event"])]
        there.cancelled, there.removed_from = False, []
        return there

    def _remove(self, change: JsonObject) -> Event:
        there = self._there(change)
        there.removed_from.append(str(change["calendar"]))
        self._attendee(there, str(change["calendar"])).response = "declined"
        return there

    def _respond(self, change: JsonObject) -> Event:
        there = self._there(change)
        self._attendee(there, str(change["email"])).response = str(change["response"])
        return there

    def _uninvite(self, change: JsonObject) -> Event:
        there = self._there(change)
        there.attendees.remove(self._attendee(there, str(change["email"])))
        return there

    def _there(self, change: JsonObject) -> Event:
        id_ = str(change["event"])
        there = self._workspace.events.get(id_) or self._single(id_)
        if there.cancelled:
            raise BadChange("it was called off")
        return there

    def _single(self, id_: str) -> Event:
        """One of a weekly event, which is changed apart from the others."""
        whole = self._workspace.events[id_.partition("_")[0]]
        return {one.id: one for one in whole.instances()}[id_]

    def _attendee(self, event: Event, email: str) -> Attendee:
        found = [one for one in event.attendees if one.email == email]
        if not found:
            raise BadChange(f"{email} is not invited")
        return found[0]
