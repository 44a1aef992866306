"""What mail servers and providers tell, in one form whoever told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import JsonValue

from integrations.mail.inbound.incoming import IncomingMail


@dataclass(frozen=True, kw_only=True)
class SentMessage:
    """The message of ours that an event is about, as far as a provider tells."""

    event_id: str
    """The provider's own id of the event: the same over every delivery."""
    address: str
    """Whom the message went to."""
    at: datetime | None
    """When it happened; None for the time of receipt."""
    message_ids: tuple[str, ...] = ()
    """Message-IDs of it, without angle brackets."""
    effect: str | None = None
    """The effect that sent it, where the provider gives our headers back."""


@dataclass(frozen=True, kw_only=True)
class Undelivered:
    """It could not be delivered. After a ``hard`` bounce no message can."""

    message: SentMessage
    kind: Literal["hard", "soft"]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Unwanted:
    """Its recipient wants no more of them: unsubscribed with the provider, or marked it as spam."""

    message: SentMessage
    how: str


@dataclass(frozen=True, kw_only=True)
class Opened:
    """It was opened, as far as mail can tell."""

    message: SentMessage


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """Something that tells a deal nothing; kept, so that people see that it came."""

    event_id: str
    why: str
    shown: Mapping[str, JsonValue] = field(default_factory=dict)
    amiss: bool = False
    """Whether it should have told something."""


MailEvent: TypeAlias = IncomingMail | Undelivered | Unwanted | Opened | Ignored
