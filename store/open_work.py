"""What people are asked and have not answered, over all deals: tasks, approvals, handoffs, suggestions.

It is worked out from the journal whenever a line about such things is written there, and so holds whichever CRM is
connected. Times are the deals' own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy import Select, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.diagnostics.text import short
from dealwright.entries import Entry
from dealwright.fold import fold, suggestions, work
from dealwright.identity import play_of
from dealwright.open_work import ReplyToRead
from dealwright.state import DealState, Suggestion
from dealwright.values.addresses import key_of
from store.database import Store
from store.people_tables import told_work
from store.tables import journal, open_work

_LONGEST_TITLE = 500
"""Characters: a playbook writes titles, and facts are told in them."""
_MOST_LISTED, _LONGEST_LINE = 10, 120
"""Suggestions of a digest that its detail names, and characters of each."""
KINDS = frozenset((*work.APPLY, *suggestions.APPLY))
"""Entries about what people are asked."""
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
WorkKind = Literal["task", "approval", "handoff", "suggestion", "suggestions"]


class Answer(BaseModel):
    """The command that answers."""

    command: str = Field(description="The command's name.", examples=["decide_approval"])
    fields: dict[str, str | dict[str, str]] = Field(
        description="What it repeats; the rest is the answer itself.",
        examples=[{"approval": "acme-2026/discount/0/1/0"}],
    )


class OpenWork(BaseModel):
    """One thing that somebody is asked: to do a task, to approve terms, to take a deal over, to answer suggestions."""

    model_config = ConfigDict(frozen=True)

    kind: WorkKind = Field(description="What is asked for.", examples=["approval"])
    id: str = Field(description="By which a command names it.", examples=["acme-2026/discount/0/1/0"])
    name: str = Field(description="What the playbook calls it.", examples=["discount"])
    title: str = Field(description="What it is, for people.", examples=["Approve discount: 15"])
    deal_id: str = Field(description="The deal.", examples=["acme-2026"])
    deal_title: str | None = Field(
        default=None, description="The deal's title, as it was opened with.", examples=["50 seats for Acme"]
    )
    role: str = Field(description="The role that is asked.", examples=["sales_manager"])
    person: str | None = Field(
        description="Who holds it: the e-mail address, or else the name; null for nobody.", examples=["max@us.example"]
    )
    asked_at: AwareDatetime = Field(description="Since when it waits.", examples=["2026-11-24T09:30:00Z"])
    due_at: AwareDatetime = Field(description="By when it should be answered.", examples=["2026-11-25T09:30:00Z"])
    missed: int = Field(description="How many of its deadlines went by.", examples=[0])
    age_seconds: int = Field(description="For how long it has waited.", examples=[3600])
    overdue: bool = Field(description="Whether a deadline went by.", examples=[False])
    terms: dict[str, str] = Field(
        default={}, description="Of an approval: the exact terms.", examples=[{"discount": "15", "amount": "48000.00"}]
    )
    currencies: dict[str, str] = Field(
        default={}, description="The currencies of the terms that are money.", examples=[{"amount": "EUR"}]
    )
    from_role: str | None = Field(default=None, description="Of a handoff: who gives.", examples=["sdr"])
    detail: str | None = Field(
        default=None, description="More about it, where there is more to say.", examples=["Note down: budget."]
    )
    outcomes: tuple[str, ...] = Field(
        default=(),
        description="Of a task: the ways in which it may end, of which the answer says one.",
        examples=[["connected", "voicemail"]],
    )
    fills: dict[str, str] = Field(
        default={},
        description="Of a task: what the answer may fill in, by name, and the path at which the deal knows it then.",
        examples=[{"seats": "fields.seats"}],
    )
    channel: str | None = Field(
        default=None, description="Of a task: how a contact is reached by it, if one is.", examples=["call"]
    )
    reply: ReplyToRead | None = Field(
        default=None,
        description="Of a task: the reply that is to be read. Told again as reply_received with its message_id, "
        "contact and at, the sentiment counts.",
    )
    play: str | None = Field(default=None, description="The play that asks, if one does.", examples=["discovery"])
    answer: Answer = Field(description="How to answer.")


async def sync_with_journal(store: Store, connection: AsyncConnection, deal_id: str) -> None:
    """Take a deal's open work from its journal, in the caller's transaction: lines may come late, or be undone."""
    told = select(journal.c.entry).where(journal.c.deal_id == deal_id, journal.c.kind.in_(KINDS))
    lines = (await connection.scalars(told.order_by(journal.c.number))).all()
    await connection.execute(delete(open_work).where(open_work.c.deal_id == deal_id))
    if rows := rows_of(deal_id, [_ENTRY.validate_python(line) for line in lines]):
        await connection.execute(store.insert_new(open_work), rows)


def rows_of(deal_id: str, entries: Sequence[Entry]) -> list[dict[str, object]]:
    """What is open after these entries, as rows of the table."""
    state = DealState()
    for entry in entries:
        fold(state, entry)
    return [{"deal_id": deal_id, **row} for row in _asked(state)]


def _asked(state: DealState) -> Iterator[dict[str, object]]:
    yield from _tasks(state)
    yield from _approvals(state)
    yield from _handoffs(state)
    yield from _suggestions(state)


class WhichWork(NamedTuple):
    """Which open work to list: of a person (by address or name), of a role, of a deal."""

    person: str | None = None
    role: str | None = None
    deal_id: str | None = None


_ALL = WhichWork()


async def list_work(
    store: Store, now: datetime, which: WhichWork = _ALL, *, limit: int = 100, offset: int = 0
) -> list[OpenWork]:
    """What is open, by when it is due.

    Raises:
        StoreAway: the database does not answer.
    """
    statement = _BY_DUE
    if which.person is not None:
        statement = statement.where(open_work.c.person == key_of(which.person))
    if which.role is not None:
        statement = statement.where(open_work.c.role == which.role)
    if which.deal_id is not None:
        statement = statement.where(open_work.c.deal_id == which.deal_id)
    return await _listed(store, statement.limit(limit).offset(offset), now)


async def told_by(store: Store, message: str, now: datetime) -> list[OpenWork]:
    """What a message is to tell its person of, as far as it is open still and theirs, by when it is due.

    Raises:
        StoreAway: the database does not answer.
    """
    same = (told_work.c[name] == open_work.c[name] for name in ("deal_id", "kind", "id", "person"))
    return await _listed(store, _BY_DUE.join(told_work, and_(*same)).where(told_work.c.message == message), now)


_BY_DUE = select(open_work).order_by(open_work.c.due_at, open_work.c.deal_id, open_work.c.id)


async def _listed(store: Store, statement: Select[tuple[object, ...]], now: datetime) -> list[OpenWork]:
    async with store.reading() as connection:
        rows = (await connection.execute(statement)).mappings().all()
        titles = await _titles(connection, sorted({row["deal_id"] for row in rows}))
    return [_shown(dict(row), titles.get(row["deal_id"]), now) for row in rows]


async def _titles(connection: AsyncConnection, deals: Sequence[str]) -> dict[str, str | None]:
    first = select(journal.c.deal_id, journal.c.entry).where(journal.c.deal_id.in_(deals), journal.c.number == 1)
    return {row.deal_id: row.entry.get("deal", {}).get("title") for row in await connection.execute(first)}


def _shown(row: dict[str, object], deal_title: str | None, now: datetime) -> OpenWork:
    content = row.pop("content")
    about = OpenWork.model_validate(
        {
            **row,
            "title": short(str(row["title"]), _LONGEST_TITLE),
            **(content if isinstance(content, dict) else {}),
            "person": row["person"] or None,
            "deal_title": deal_title,
            "age_seconds": 0,
            "overdue": bool(row["missed"]),
            "answer": Answer(command="", fields={}),
        }
    )
    waited = max(now - about.asked_at, timedelta())
    return about.model_copy(
        update={
            "answer": answer_to(about.kind, about.id, about.terms),
            "age_seconds": int(waited.total_seconds()),
            "overdue": about.overdue or about.due_at < now,
        }
    )


def answer_to(kind: WorkKind, id_: str, terms: dict[str, str]) -> Answer:
    """The command that answers what somebody is asked."""
    if kind == "task":
        return Answer(command="complete_task", fields={"task": id_})
    if kind == "approval":
        return Answer(command="decide_approval", fields={"approval": id_, "terms": terms})
    if kind == "suggestion":
        return Answer(command="answer_suggestion", fields={"suggestion": id_})
    if kind == "suggestions":
        return Answer(command="answer_suggestion", fields={"suggestion": id_, "answer": "dismiss"})
    return Answer(command="accept_handoff", fields={"handoff": id_})


def _tasks(state: DealState) -> Iterator[dict[str, object]]:
    for task in state.tasks.values():
        yield {
            "kind": "task", "id": task.id, "name": task.name, "title": task.title, "role": task.role,
            "person": key_of(task.given_to or ""), "asked_at": task.asked_at or task.due_at, "due_at": task.due_at,
            "missed": task.missed,
            "content": _given(
                detail=task.detail, play=_play(task.run), on_list_at=task.on_list_at,
                outcomes=list(task.outcomes) or None, fills=task.fills or None,
                channel=task.channel,
                reply=task.reply.model_dump(mode="json") if task.reply else None,
            ),
        }  # fmt: skip


def _approvals(state: DealState) -> Iterator[dict[str, object]]:
    for one in state.approvals.values():
        if not one.chain:
            continue
        yield {
            "kind": "approval", "id": one.id, "name": one.name, "title": f"Approve {one.name}: {one.asked.words()}",
            "role": one.waits_for, "person": key_of(one.given_to or ""), "asked_at": one.asked_at or one.answer_by,
            "due_at": one.answer_by, "missed": one.missed,
            "content": _given(terms=one.terms, currencies=one.currencies, play=_play(one.run)),
        }  # fmt: skip


def _handoffs(state: DealState) -> Iterator[dict[str, object]]:
    """Those that are offered; what is missing for another one is a task of its giver."""
    for one in state.handoffs.values():
        if one.accept_by is None:
            continue
        yield {
            "kind": "handoff", "id": one.id, "name": one.name, "title": f"Take over: {one.name}", "role": one.to_role,
            "person": key_of(one.given_to or ""), "asked_at": one.asked_at or one.accept_by, "due_at": one.accept_by,
            "missed": one.missed,
            "content": _given(from_role=one.from_role, play=_play(one.run)),
        }  # fmt: skip


def _suggestions(state: DealState) -> Iterator[dict[str, object]]:
    """One by one; those that stand together in a digest are one question."""
    together: dict[str, list[Suggestion]] = {}
    for one in state.suggestions.values():
        together.setdefault(one.digest or one.id, []).append(one)
    for id_, all_ in together.items():
        first = all_[0]
        is_digest = first.digest is not None
        title = f"{len(all_)} more suggested next step{'s'[: len(all_) - 1]}" if is_digest else first.text
        lines = tuple(f"{one.id}: {short(one.text, _LONGEST_LINE)}" for one in all_[:_MOST_LISTED])
        whence = f"Suggested by {first.source}." if first.source else None
        yield {
            "kind": "suggestions" if is_digest else "suggestion", "id": id_, "name": "suggested_next_step",
            "title": title, "role": first.role, "person": key_of(first.given_to or ""),
            "asked_at": first.asked_at or first.answer_by, "due_at": first.answer_by, "missed": 0,
            "content": _given(detail="; ".join(lines) if is_digest else whence),
        }  # fmt: skip


def _play(run: str | None) -> str | None:
    return play_of(run) if run else None


def _given(**content: object) -> dict[str, object]:
    """The content without what is not known."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in content.items()
        if value is not None
    }
