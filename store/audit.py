"""The audit trail: every change that was asked for, by whom, and what became of it.

All times are the wall clock's, but in the lines of ``store.direct_changes``, which have the deal's. What a deal decided
of it stands in the deal's story.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, FromClause, and_, delete, exists, or_, select

from store.database import Store
from store.tables import audit

DIRECT = "temporal"
"""The caller of what reached a deal at Temporal itself, where nothing says who sent it. No key has this name."""
_OPENED, _REFUSED = 201, 400
"""Statuses: of a line whose caller has opened the deal, and not only found it open; of refusals, from this one on."""


class AuditEntry(BaseModel):
    """A change that somebody asked for, and what became of it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    at: AwareDatetime = Field(
        description="When it was answered, or the deal took it.", examples=["2026-11-24T09:30:00Z"]
    )
    caller: str = Field(
        description="The name of the key, `command-line`, `nexus:<endpoint>`, or `temporal` for what reached the deal "
        "there, and not through any of these.",
        examples=["slack-approvals"],
    )
    key_id: str | None = Field(default=None, description="The key's id.", examples=["a1B2c3D4"])
    by: str | None = Field(default=None, description="In whose name it was asked for.", examples=["max@us.example"])
    address: str | None = Field(
        default=None, description="Where the request came from; by Nexus, the workflow.", examples=["192.0.2.7"]
    )
    operation: str = Field(
        description="What was asked for: `tell_…` a fact, `give_…` a command, and others as this API names its "
        "operations.",
        examples=["give_decide_approval"],
    )
    deal_id: str | None = Field(default=None, description="The deal that it is about.", examples=["acme-2026"])
    target: str | None = Field(
        default=None, description="What else it is about: a key's id, an object, an address.", examples=["a1B2c3D4"]
    )
    idempotency_key: str | None = Field(
        default=None, description="The fact's id, or the command's.", examples=["approve-1"]
    )
    status: int | None = Field(default=None, description="The status of the answer, as HTTP has it.", examples=[200])
    result: str = Field(
        description="`done`; `refused`: by this API, or by the deal; `undecided`: the deal has yet to say; `failed`.",
        examples=["done"],
    )


class AuditRow(AuditEntry):
    """An entry of the audit trail."""

    id: int = Field(description="Grows with each entry.", examples=[4711])


async def write(store: Store, entries: Sequence[AuditEntry]) -> None:
    """Keep entries.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        await connection.execute(audit.insert(), [entry.model_dump() for entry in entries])


async def recent(
    store: Store,
    *,
    deal_id: str | None = None,
    caller: str | None = None,
    by: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[AuditRow]:
    """The entries, the newest first: of a deal, of a key, in somebody's name, before an id."""
    statement = select(audit).where(~_is_known_better()).order_by(audit.c.id.desc()).limit(limit)
    for column, value in ((audit.c.deal_id, deal_id), (audit.c.caller, caller), (audit.c.by, by)):
        if value is not None:
            statement = statement.where(column == value)
    if before is not None:
        statement = statement.where(audit.c.id < before)
    async with store.reading() as connection:
        return [AuditRow.model_validate(row) for row in await connection.execute(statement)]


def reached(lines: FromClause) -> ColumnElement[bool]:
    """Whether what a line is about has come to its deal."""
    return or_(lines.c.status < _REFUSED, and_(lines.c.status.is_(None), lines.c.result != "failed"))


def _is_known_better() -> ColumnElement[bool]:
    """Whether a line is of ``store.direct_changes``, and whoever passed the message on has left one of their own."""
    other = audit.alias()
    same = or_(other.c.idempotency_key == audit.c.idempotency_key, other.c.status == _OPENED)
    about = (other.c.deal_id == audit.c.deal_id, other.c.operation == audit.c.operation, other.c.caller != DIRECT)
    return and_(audit.c.caller == DIRECT, exists().where(*about, same, reached(other)))


async def delete_before(store: Store, at: datetime, limit: int) -> int:
    """Delete entries that are older; returns how many, at most ``limit``."""
    old = select(audit.c.id).where(audit.c.at < at).limit(limit)
    async with store.writing() as connection:
        gone = await connection.execute(delete(audit).where(audit.c.id.in_(old)))
    return gone.rowcount
