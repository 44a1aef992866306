"""The embedded CRM's records besides tasks: stages, notes, notices, handoff packages, approval requests.

Each row is made under its effect's id, so that making it again changes nothing. Times are the deals' own.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import Table, select

from dealwright.effects import HandOver, LogActivity, Notify, RequestApproval, UpdateCrm
from store.database import Store
from store.tables import deal_records, notes, notices, requests

_Model = TypeVar("_Model", bound=BaseModel)


class DealRecord(BaseModel):
    """A deal as the CRM shows it; ``amount`` is a decimal number in ``currency``."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    deal_id: str
    stage: str
    outcome: str | None
    amount: str | None
    currency: str | None
    at: AwareDatetime


class Note(BaseModel):
    """Something written down about a deal."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    effect_id: str
    deal_id: str
    at: AwareDatetime
    text: str


class Notice(Note):
    """Something that a role was told, where no chat is connected."""

    role: str
    owner: str | None


class RequestRow(BaseModel):
    """A handoff package or an approval request, as its receiver got it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    effect_id: str
    deal_id: str
    kind: str
    id: str
    """The handoff's or the approval's."""
    at: AwareDatetime
    role: str
    person: str | None
    answer_by: AwareDatetime
    content: dict[str, str]
    """The package's pieces, or the terms."""


async def update_record(store: Store, deal_id: str, effect: UpdateCrm) -> None:
    """Bring a deal's record up to date, and keep the note; what a later effect wrote stays.

    Raises:
        StoreAway: the database does not answer.
    """
    record = {"stage": effect.stage, "outcome": effect.outcome, "at": effect.at}
    if effect.amount is not None:
        record |= {"amount": str(effect.amount.amount), "currency": effect.amount.currency}
    insert = store.insert(deal_records).values(deal_id=deal_id, **record)
    update = insert.on_conflict_do_update(
        index_elements=["deal_id"], set_=record, where=deal_records.c.at <= insert.excluded.at
    )
    async with store.writing() as connection:
        await connection.execute(update)
        if effect.note is not None:
            note = {"effect_id": effect.id, "deal_id": deal_id, "at": effect.at, "text": effect.note}
            await connection.execute(store.insert_new(notes), note)


async def keep_activity(store: Store, deal_id: str, effect: LogActivity) -> None:
    """Keep what was done with the buyer, as a note of when it happened."""
    whom = effect.contact.name if effect.contact else None
    which = {"in": "from", "out": "to"}.get(effect.direction or "", "with")
    head = f"{effect.channel or effect.what} {which} {whom}" if whom else effect.channel or effect.what
    said = "\n".join(filter(None, (effect.subject, effect.text)))
    text = f"{head[0].upper()}{head[1:]}{f' ({effect.result})' if effect.result else ''}{f': {said}' if said else ''}"
    row = {"effect_id": effect.id, "deal_id": deal_id, "at": effect.happened_at, "text": text}
    await _keep(store, notes, row)


async def keep_notice(store: Store, deal_id: str, effect: Notify) -> None:
    """Keep what a role was told."""
    owner = effect.owner.name if effect.owner else None
    row = {"role": effect.role, "owner": owner, "text": effect.text}
    await _keep(store, notices, {"effect_id": effect.id, "deal_id": deal_id, "at": effect.at, **row})


async def keep_package(store: Store, deal_id: str, effect: HandOver) -> None:
    """Keep a handoff package for its receiver."""
    person = effect.to.name if effect.to else None
    row = {"kind": effect.kind, "id": effect.handoff, "role": effect.to_role, "person": person}
    answer = {"answer_by": effect.accept_by, "content": effect.pieces}
    await _keep(store, requests, {"effect_id": effect.id, "deal_id": deal_id, "at": effect.at, **row, **answer})


async def keep_approval_request(store: Store, deal_id: str, effect: RequestApproval) -> None:
    """Keep an approval request for whom it asks."""
    person = effect.owner.name if effect.owner else None
    row = {"kind": effect.kind, "id": effect.approval, "role": effect.role, "person": person}
    answer = {"answer_by": effect.answer_by, "content": effect.shown}
    await _keep(store, requests, {"effect_id": effect.id, "deal_id": deal_id, "at": effect.at, **row, **answer})


async def record(store: Store, deal_id: str) -> DealRecord | None:
    """A deal as the CRM shows it."""
    async with store.reading() as connection:
        row = (await connection.execute(select(deal_records).where(deal_records.c.deal_id == deal_id))).one_or_none()
    return None if row is None else DealRecord.model_validate(row)


async def notes_of(store: Store, deal_id: str) -> list[Note]:
    """What was written down about a deal."""
    return await _of_deal(store, notes, Note, deal_id)


async def notices_of(store: Store, deal_id: str) -> list[Notice]:
    """What roles were told about a deal."""
    return await _of_deal(store, notices, Notice, deal_id)


async def requests_of(store: Store, deal_id: str) -> list[RequestRow]:
    """Handoff packages and approval requests of a deal."""
    return await _of_deal(store, requests, RequestRow, deal_id)


async def _keep(store: Store, table: Table, row: dict[str, object]) -> None:
    async with store.writing() as connection:
        await connection.execute(store.insert_new(table), row)


async def _of_deal(store: Store, table: Table, model: type[_Model], deal_id: str) -> list[_Model]:
    statement = select(table).where(table.c.deal_id == deal_id).order_by(table.c.at, table.c.effect_id)
    async with store.reading() as connection:
        return [model.model_validate(row) for row in await connection.execute(statement)]
