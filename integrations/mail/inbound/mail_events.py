"""What mail servers and providers tell, in one form whoever told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import JsonValue

from integrations.mail.inbound.incoming import IncomingMail


@dataclass(frozen=True, kw_only=True)
class AboutAMessage:
    """An event about a message that went out."""

    event_id: str
    """The provider's own id of the event: the same over every delivery."""
    address: str
    """Whom the message went to."""
    at: datetime | None
    """When it happened; None for the time of receipt."""
    message_ids: tuple[str, ...] = ()
    """Message-IDs of it, without angle brackets, as far as the provider tells."""
    effect: str | None = None
    """The effect that sent it, as far as the provider gives our headers back."""


@dataclass(frozen=True, kw_only=True)
class Undelivered(AboutAMessage):
    """It could not be delivered. After a ``hard`` bounce no message can."""

    kind: Literal["hard", "soft"]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Unwanted(AboutAMessage):
    """Its recipient wants no more of them: unsubscribed with the provider, or marked it as spam."""

    how: str


@dataclass(frozen=True, kw_only=True)
class Opened(AboutAMessage):
    """It was opened, as far as mail can tell."""


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """Something that tells a deal nothing; kept, so that people see that it came."""

    event_id: str
    why: str
    shown: Mapping[str, JsonValue] = field(default_factory=dict)


MailEvent: TypeAlias = IncomingMail | Undelivered | Unwanted | Opened | Ignored
