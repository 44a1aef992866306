"""What people do in Cal.com, and what it tells then.

``{"do": "book", "starts_at": "…", "event_type": 102, "email": "…", "guests": ["…"], "metadata": {"…": "…"}}``, and with
``booking`` (its uid): ``reschedule`` (``starts_at``), ``cancel`` (``reason``), ``no_show`` and ``undo_no_show``
(``email``, or all), ``end`` (its time is over). A change answers with the booking.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import AwareDatetime, JsonValue, TypeAdapter

from integrations.cal_com.simulator.account import EVENT_TYPES, Account, Attendee, Booking, JsonObject, iso, new_uid
from integrations.kit.simulator.people import done
from integrations.kit.simulator.simulator import BadChange

Tell = Callable[[str, JsonObject], None]
_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
_LASTS = timedelta(minutes=30)


class People:
    """Those who book, and those who are booked. ``tell`` gets the name of a trigger and its webhook's body."""

    def __init__(self, account: Account, now: Callable[[], datetime], tell: Tell) -> None:
        self._account, self._now, self._tell = account, now, tell

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns the booking.

        Raises:
            BadChange: nobody can do that.
        """
        return done(change, {
            "book": self._book, "reschedule": self._reschedule, "cancel": self._cancel, "no_show": self._no_show,
            "undo_no_show": self._undo_no_show, "end": self._end,
        })  # fmt: skip

    def _book(self, change: JsonObject) -> Booking:
        kind, guests, marks = change.get("event_type", 101), change.get("guests"), change.get("metadata")
        if not isinstance(kind, int) or kind not in EVENT_TYPES:
            raise BadChange(f"there is no event type {kind!r}")
        emails = [str(change.get("email", "ana@buyer.example")), *(guests if isinstance(guests, list) else [])]
        uid = new_uid()
        made = self._new(
            uid, f"{uid}@Cal.com", kind, change, [Attendee(email=str(e), name="Ana Lopez") for e in emails]
        )
        made.metadata = {key: str(value) for key, value in marks.items()} if isinstance(marks, dict) else {}
        metadata = {**made.metadata, "videoCallUrl": made.video}
        self._told("BOOKING_CREATED", {**made.told(), "metadata": {**metadata}})
        return made

    def _reschedule(self, change: JsonObject) -> Booking:
        old = self._accepted(change)
        made = self._new(new_uid(), old.ical_uid, old.event_type, change, [*old.attendees])
        made.moved_from, old.moved_to, old.status, old.updated_at = old.uid, made.uid, "cancelled", self._now()
        moved: JsonObject = {"rescheduleUid": old.uid, "metadata": {"videoCallUrl": made.video}}
        body = {**made.told(), **moved}
        del body["iCalUID"]
        self._told("BOOKING_RESCHEDULED", body)
        return made

    def _cancel(self, change: JsonObject) -> Booking:
        there = self._accepted(change)
        there.status, there.updated_at = "cancelled", self._now()
        there.reason = str(change["reason"]) if "reason" in change else None
        reason: JsonObject = {"cancellationReason": there.reason}
        self._told("BOOKING_CANCELLED", {**there.told(), **reason})
        return there

    def _no_show(self, change: JsonObject) -> Booking:
        return self._marked(change, absent=True)

    def _undo_no_show(self, change: JsonObject) -> Booking:
        return self._marked(change, absent=False)

    def _marked(self, change: JsonObject, *, absent: bool) -> Booking:
        there, email = self._accepted(change), change.get("email")
        chosen = [one for one in there.attendees if email in {None, one.email}]
        for one in chosen:
            one.absent = absent
        told: JsonObject = {
            "bookingUid": there.uid, "bookingId": there.id, "message": "x_marked_as_no_show",
            "attendees": [{"email": one.email, "noShow": absent} for one in chosen],
        }  # fmt: skip
        self._told("BOOKING_NO_SHOW_UPDATED", told)
        return there

    def _end(self, change: JsonObject) -> Booking:
        there = self._accepted(change)
        flat: JsonObject = {**there.told(), "triggerEvent": "MEETING_ENDED", "createdAt": iso(there.created_at)}
        self._tell("MEETING_ENDED", flat)
        return there

    def _new(self, uid: str, ical_uid: str, kind: int, change: JsonObject, attendees: list[Attendee]) -> Booking:
        now, starts_at = self._now(), _MOMENT.validate_python(change["starts_at"])
        made = Booking(
            id=len(self._account.bookings) + 1, uid=uid, ical_uid=ical_uid, event_type=kind, starts_at=starts_at,
            ends_at=starts_at + _LASTS, created_at=now, updated_at=now, attendees=attendees,
        )  # fmt: skip
        self._account.bookings[uid] = made
        return made

    def _accepted(self, change: JsonObject) -> Booking:
        there = self._account.bookings[str(change["booking"])]
        if there.status != "accepted":
            raise BadChange("it was called off, or moved")
        return there

    def _told(self, trigger: str, payload: JsonObject) -> None:
        self._tell(trigger, {"triggerEvent": trigger, "createdAt": iso(self._now()), "payload": payload})
