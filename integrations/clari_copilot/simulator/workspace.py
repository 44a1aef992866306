"""What a simulated Clari Copilot workspace holds, and how it is shown."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, JsonValue

JsonObject = dict[str, JsonValue]


class Call(BaseModel):
    """A call."""

    id: str
    title: str
    time: AwareDatetime
    duration: int
    """Seconds."""
    status: str = "POST_PROCESSING_DONE"
    disposition: str = "CALL_CONNECTED_WITH_PROSPECT"
    private: bool = False
    system: str | None = None
    deal: str | None = None
    ours: list[str] = []
    guests: list[str] = []
    joined: list[str] = []
    steps: list[str] = []
    modified: AwareDatetime

    def listed(self) -> JsonObject:
        """As ``/calls`` shows it."""
        users: list[JsonValue] = [
            {"userId": f"u{place}", "userEmail": one, "isOrganizer": not place, "personId": place}
            for place, one in enumerate(self.ours)
        ]
        return {
            "id": self.id, "source_id": self.id, "title": self.title, "users": users,
            "externalParticipants": [_person(place + 50, one) for place, one in enumerate(self.guests)],
            "joinedParticipants": [_person(place, one) for place, one in enumerate([*self.ours, *self.joined])],
            "status": self.status, "type": "ZOOM", "time": iso(self.time), "last_modified_time": iso(self.modified),
            "disposition": self.disposition, "metrics": {"call_duration": self.duration, "talk_listen_ratio": 0.5},
            "call_review_page_url": f"https://copilot.clari.com/call/{self.id}",
            **({"crm_info": {"source_crm": self.system, "deal_id": self.deal}} if self.deal else {}),
        }  # fmt: skip

    def shown(self) -> JsonObject:
        """As ``/call-details`` shows it: with what is to be done next, once that is worked out."""
        items: list[JsonValue] = [
            {"action_item": one, "speaker_name": "Ana", "start_timestamp": "10", "end_timestamp": "20"}
            for one in self.steps
        ]
        return {**self.listed(), "transcript": [], "summary": {"full_summary": "", "key_action_items": items}}


class Workspace(BaseModel):
    """A workspace."""

    calls: dict[str, Call] = {}
    recorded: int = 0

    def take_number(self) -> int:
        """The number of a new call."""
        self.recorded += 1
        return self.recorded


def iso(at: datetime) -> str:
    """A time as it is written there."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _person(place: int, address: str) -> JsonObject:
    return {"name": address.partition("@")[0].title(), "email": address, "phone": "", "personId": place}
