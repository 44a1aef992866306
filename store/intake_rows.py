"""Reads rows of the intake. A row that cannot be read is reported and does not block the others."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, JsonValue, TypeAdapter, ValidationError
from sqlalchemy import Row, Text, cast, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import intake

log = logging.getLogger(__name__)

OPENING = "open_deal"
"""In the place of a fact's name: the event opens a deal."""
_EXCERPT = 500
"""Characters that are shown of what cannot be read."""
_BROKEN = (ArithmeticError, RuntimeError, SQLAlchemyError, TypeError, ValueError)
"""What reading a row can raise: no JSON, JSON that is nested too deep, no time, no UTF-8, a column of another type."""
_NEVER = datetime.fromtimestamp(0, UTC)
_MOMENT: TypeAdapter[datetime] = TypeAdapter(datetime)


class IntakeState(StrEnum):
    """How far an event has come."""

    WAITING = "waiting"
    """To be passed on, now or from ``not_before`` on."""
    DISPATCHED = "dispatched"
    UNMATCHED = "unmatched"
    """No deal is known for its reference; :func:`store.intake.link` makes it wait again."""
    REFUSED = "refused"
    """It can never be passed on; ``last_error`` says why."""
    CLOSED_DEAL = "closed_deal"
    """Its deal is finished: kept, and shown as such."""
    SKIPPED = "skipped"
    """Nothing to pass on, and nothing wrong: the echo of our own write, a type that nobody mapped."""
    SET_ASIDE = "set_aside"
    """This release cannot read it, or fails with it, as ``last_error`` says; tried again ever more rarely."""


def _addresses(value: object) -> object:
    """Addresses as the column has them: none of them has a space in it."""
    return value.split() if isinstance(value, str) else value or ()


class Event(BaseModel):
    """One event of a source, mapped to a fact but not yet passed on.

    ``deal_ref`` is how the source names the deal: a deal id, or the id of an object (see :func:`store.intake.link`).
    One that is not to be passed on is kept with its ``state``, and with why in ``last_error``.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    event_id: str
    deal_ref: str | None
    fact: str
    payload: dict[str, JsonValue]
    received_at: AwareDatetime
    state: IntakeState = IntakeState.WAITING
    last_error: str | None = None
    contacts: Annotated[tuple[str, ...], BeforeValidator(_addresses)] = ()
    """Addresses of people on the buying side, by which it finds its deal where ``deal_ref`` leads to none."""


class IntakeRow(Event):
    """An event as it stands in the intake."""

    id: int
    attempts: int
    not_before: AwareDatetime
    dispatched_at: AwareDatetime | None


class Rows(BaseModel):
    """Rows that were asked for, in order."""

    read: list[IntakeRow]
    unreadable: list[IntakeRow]
    """What can be shown of the others; ``last_error`` says what is wrong with each."""


def given_id(event: Event) -> str | None:
    """Under which id a deal hears of an event, where ``<source>:<event_id>`` does not say so: the event's own."""
    deal = event.payload.get("deal")
    if event.fact == OPENING and isinstance(deal, dict):
        return f"open {deal.get('id')}"
    own = event.payload.get("id")
    return own if isinstance(own, str) and own != f"{event.source}:{event.event_id}" else None


def row_of(row: Row[Any]) -> IntakeRow:  # a row's columns are checked by the model
    """A row as it was read.

    Raises:
        ValidationError: it is none that this release knows.
    """
    return IntakeRow.model_validate(row._mapping)  # noqa: SLF001 - the documented public name of a row's columns


async def read_rows(connection: AsyncConnection, ids: Sequence[int]) -> Rows:
    """The rows with these ids, in this order."""
    if not ids:
        return Rows(read=[], unreadable=[])
    place = {id_: number for number, id_ in enumerate(ids)}
    try:
        found = [row_of(row) for row in await connection.execute(select(intake).where(intake.c.id.in_(ids)))]
    except _BROKEN:
        log.warning("rows of the intake are read one by one: one of them cannot be read")
        return await _one_by_one(connection, ids)
    return Rows(read=sorted(found, key=lambda row: place[row.id]), unreadable=[])


async def _one_by_one(connection: AsyncConnection, ids: Sequence[int]) -> Rows:
    rows = Rows(read=[], unreadable=[])
    for id_ in ids:
        try:
            rows.read += [row_of(row) for row in await connection.execute(select(intake).where(intake.c.id == id_))]
        except _BROKEN as error:
            # Of a database that is away, this is raised as well; of a broken row, it is not.
            await connection.execute(select(intake.c.id).where(intake.c.id == id_))
            rows.unreadable.append(await _salvaged(connection, id_, error))
    return rows


async def _salvaged(connection: AsyncConnection, id_: int, error: Exception) -> IntakeRow:
    shown: dict[str, str] = {}
    wrong: list[str] = []
    for column in intake.c:
        for what, target in ((column, None), (cast(column, Text), shown)):
            try:
                value = await connection.scalar(select(what).where(intake.c.id == id_))
            except _BROKEN as fault:
                wrong.append(f"{column.name} ({type(fault).__name__})")
                break
            if target is not None and value is not None:
                target[column.name] = str(value)
    reason = ", ".join(wrong) or _what_is_wrong(error)
    return IntakeRow(
        id=id_,
        source=shown.get("source", "")[:_EXCERPT],
        event_id=shown.get("event_id", "")[:_EXCERPT],
        deal_ref=shown.get("deal_ref"),
        fact=shown.get("fact", "")[:_EXCERPT],
        payload={"unreadable": shown.get("payload", "")[:_EXCERPT]},
        received_at=_moment(shown, "received_at"),
        state=IntakeState.SET_ASIDE,
        last_error=f"this row of the intake cannot be read: {reason}",
        attempts=int(shown["attempts"]) if shown.get("attempts", "").isdecimal() else 0,
        not_before=_moment(shown, "not_before"),
        dispatched_at=None,
    )


def _what_is_wrong(error: Exception) -> str:
    """The columns that are not as they should be, without what stands in them (it may be personal)."""
    if not isinstance(error, ValidationError):
        return type(error).__name__
    wrong = error.errors(include_url=False, include_input=False)
    return ", ".join(f"{'.'.join(map(str, one['loc'][:1]))}: {one['msg']}" for one in wrong[:5])


def _moment(shown: Mapping[str, str], name: str) -> datetime:
    try:
        moment = _MOMENT.validate_python(shown.get(name, ""))
    except ValidationError:
        return _NEVER
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
