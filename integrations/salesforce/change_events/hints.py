"""Reads change events: what the Pub/Sub API says about records, decoded to JSON.

An event is taken as a hint: which records changed. What they hold now is asked for, so that an event that Salesforce
could not make (``GAP_UPDATE``) is worth as much as any other.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

_OVERFLOW = "GAP_OVERFLOW"
_MILLISECONDS = 1000


class NoChangeEvent(ValueError):
    """What came is no change event; the message says why, and quotes nothing of it."""


class ChangeHint(BaseModel):
    """That records changed."""

    model_config = ConfigDict(frozen=True)

    sobject: str
    records: tuple[str, ...]
    """Their ids; none where Salesforce lost count, and everything has to be looked through."""
    at: datetime
    origin: str
    kind: str
    """``CREATE``, ``UPDATE`` …; of what could not be told in full ``GAP_UPDATE`` …"""
    changed: tuple[str, ...] = ()
    """The fields that an update changed."""

    def is_by(self, client: str) -> bool:
        """Whether this client wrote them: the name that it gives in ``Sforce-Call-Options``."""
        return any(part.strip() == f"client={client}" for part in self.origin.rstrip("/").split(";"))


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True)

    sobject: str = Field(alias="entityName", min_length=1)
    records: tuple[str, ...] = Field(alias="recordIds", default=())
    kind: str = Field(alias="changeType", min_length=1)
    origin: str = Field(alias="changeOrigin", default="")
    changed: tuple[str, ...] = Field(alias="changedFields", default=())
    committed: int = Field(alias="commitTimestamp", ge=0, le=253_402_300_799_000)


def read_change_event(event: JsonValue) -> ChangeHint:
    """Read a decoded event.

    Raises:
        NoChangeEvent: it has no header of a change event.
    """
    given = event.get("ChangeEventHeader") if isinstance(event, dict) else None
    try:
        header = _Header.model_validate(given)
    except ValidationError as wrong:
        places = sorted({str(error["loc"][0]) if error["loc"] else "ChangeEventHeader" for error in wrong.errors()})
        raise NoChangeEvent(f"there is no header of a change event: look at {', '.join(places)}") from None
    return ChangeHint(
        sobject=header.sobject,
        records=() if header.kind == _OVERFLOW else header.records,
        at=datetime.fromtimestamp(header.committed / _MILLISECONDS, UTC),
        origin=header.origin,
        kind=header.kind,
        changed=header.changed,
    )
