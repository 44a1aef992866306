"""What a simulated Chorus account holds, and how Chorus shows it."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, JsonValue

JsonObject = dict[str, JsonValue]


class Participant(BaseModel):
    """Somebody in a conversation."""

    name: str
    email: str
    type: str
    """``rep`` or ``cust``."""


class Conversation(BaseModel):
    """A recorded conversation."""

    id: str
    name: str
    start_time: AwareDatetime
    duration: int
    """Seconds."""
    private: bool = False
    deal: str | None = None
    participants: list[Participant] = []
    steps: list[str] = []

    def shown(self) -> JsonObject:
        """As ``/api/v1/conversations/{id}`` shows it."""
        speaker = self.participants[0].name if self.participants else None
        items: list[JsonValue] = [{"text": one, "speaker": speaker} for one in self.steps]
        participants: list[JsonValue] = [one.model_dump() for one in self.participants]
        attributes: JsonObject = {
            "name": self.name, "start_time": self.start_time.isoformat(), "duration": self.duration,
            "url": f"https://chorus.ai/meeting/{self.id}", "private": self.private, "participants": participants,
            "action_items": items, "deal": {"id": self.deal} if self.deal else None,
        }  # fmt: skip
        return {"data": {"id": self.id, "type": "conversation", "attributes": attributes}}


class Account(BaseModel):
    """An account."""

    conversations: dict[str, Conversation] = {}
    hooks: list[str] = []


def problem_body(detail: str) -> JsonObject:
    """The body of an error as Chorus writes it."""
    return {"errors": [{"detail": detail}]}
