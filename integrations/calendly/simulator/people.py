"""What people do on booking pages and in Calendly, for ``POST /_simulator/change``.

``{"do": "book", "starts_at": "…", "event_type": "Demo", "email": "…", "tracking": {"utm_content": "…"}}``, and with
``invitee`` (its address): ``reschedule`` (``starts_at``), ``cancel`` (``reason``), ``no_show``, ``undo_no_show``,
``delete_data`` (the booking is deleted on request, and told to nobody). A change answers with the invitee.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import AwareDatetime, JsonValue, TypeAdapter

from integrations.calendly.simulator.organization import (
    USER,
    Cancellation,
    EventType,
    Invitee,
    JsonObject,
    NoShow,
    Organization,
    iso,
    new_uri,
)
from integrations.kit.simulator.people import done
from integrations.kit.simulator.simulator import BadChange

Tell = Callable[[str, JsonObject], None]
_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
_NO_UTM = dict.fromkeys(("utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term", "salesforce_uuid"))
_LASTS = timedelta(minutes=30)


class People:
    """Those who book, and those who are booked. ``tell`` gets the name of an event and its webhook's body."""

    def __init__(self, organization: Organization, now: Callable[[], datetime], tell: Tell) -> None:
        self._organization, self._now, self._tell = organization, now, tell

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns the invitee.

        Raises:
            BadChange: nobody can do that.
        """
        return done(change, {
            "book": self._book, "reschedule": self._reschedule, "cancel": self._cancel, "no_show": self._no_show,
            "undo_no_show": self._undo_no_show, "delete_data": self._delete_data,
        })  # fmt: skip

    def _book(self, change: JsonObject) -> Invitee:
        name = str(change.get("event_type", "Intro"))
        (kind,) = [one for one in self._organization.event_types if one.name == name] or [self._unknown(name)]
        tracking = change.get("tracking")
        marks = {key: str(value) for key, value in tracking.items()} if isinstance(tracking, dict) else {}
        made = self._new(kind, _moment(change["starts_at"]), str(change.get("email", "ana@buyer.example")), marks)
        self._told("invitee.created", made)
        return made

    def _reschedule(self, change: JsonObject) -> Invitee:
        old = self._active(change)
        marks = {key: value for key, value in old.tracking.items() if value is not None}
        made = self._new(old.event_type, _moment(change["starts_at"]), old.email, marks)
        made.old_invitee, old.new_invitee, old.rescheduled = old.uri, made.uri, True
        self._call_off(old, None)
        self._told("invitee.created", made)
        return made

    def _cancel(self, change: JsonObject) -> Invitee:
        there = self._active(change)
        self._call_off(there, str(change["reason"]) if "reason" in change else None)
        return there

    def _no_show(self, change: JsonObject) -> Invitee:
        there = self._active(change)
        if there.no_show:
            raise BadChange("it is marked already")
        there.no_show = NoShow(uri=new_uri("invitee_no_shows"), created_at=self._now())
        self._told("invitee_no_show.created", there)
        return there

    def _undo_no_show(self, change: JsonObject) -> Invitee:
        there = self._active(change)
        if not there.no_show:
            raise BadChange("it is not marked")
        there.no_show = None
        self._told("invitee_no_show.deleted", there)
        return there

    def _delete_data(self, change: JsonObject) -> Invitee:
        return self._organization.invitees.pop(str(change["invitee"]))

    def _new(self, kind: EventType, starts_at: datetime, email: str, marks: dict[str, str]) -> Invitee:
        now, event = self._now(), new_uri("scheduled_events")
        made = Invitee(
            uri=new_uri(f"{event.partition('.com/')[2]}/invitees"), event=event, event_type=kind, name="Ana Lopez",
            email=email, starts_at=starts_at, ends_at=starts_at + _LASTS, created_at=now, updated_at=now,
            tracking={**_NO_UTM, **marks},
        )  # fmt: skip
        self._organization.invitees[made.uri] = made
        return made

    def _call_off(self, there: Invitee, reason: str | None) -> None:
        now = self._now()
        there.cancellation = Cancellation(
            canceled_by=there.name, reason=reason, canceler_type="invitee", created_at=now
        )
        there.updated_at = now
        self._told("invitee.canceled", there)

    def _active(self, change: JsonObject) -> Invitee:
        there = self._organization.invitees[str(change["invitee"])]
        if there.cancellation:
            raise BadChange("it was called off, or moved")
        return there

    def _told(self, event: str, invitee: Invitee) -> None:
        body: JsonObject = {
            "event": event, "created_at": iso(self._now()), "created_by": USER, "payload": invitee.shown(),
        }  # fmt: skip
        self._tell(event, body)

    def _unknown(self, name: str) -> EventType:
        raise BadChange(f"there is no event type {name!r}")


def _moment(value: JsonValue) -> datetime:
    return _MOMENT.validate_python(value)
