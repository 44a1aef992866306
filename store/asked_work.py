"""What people can answer in messages of other tools, by a button: which question it is, and what became of it.

A question is kept before its message is posted, so that no press comes for one that is not known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import RowMapping, and_, delete, exists, or_, select, update

from dealwright.entries import ApprovalAnswered, Entry, HandoffAnswered, SuggestionAnswered, TaskClosed, WorkGiven
from dealwright.open_work import ReplyToRead
from store.database import Store
from store.open_work import OpenWork
from store.people_tables import work_messages
from store.tables import journal
from store.tool_tables import asked_work
from store.work_tables import open_work

_ENDS = ("task_closed", "approval_answered", "handoff_answered", "suggestion_answered", "work_given")
"""Entries after which somebody is no longer asked."""
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
_SAME = and_(
    open_work.c.deal_id == asked_work.c.deal_id, open_work.c.kind == asked_work.c.kind,
    open_work.c.id == asked_work.c.work_id,
)  # fmt: skip
_WITH_WORK = select(asked_work, open_work.c.content).outerjoin_from(asked_work, open_work, _SAME)
"""Questions with what is open of what they ask."""


class AskedWork(BaseModel):
    """One question in a message: a task, an approval, a handoff or a suggestion, asked of one person."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    """See :func:`question_id`."""
    source: str
    message_key: str
    """The id of the effect that the message is."""
    position: int
    opening: str = ""
    """What the message begins with, and what it ends with: kept with its first question."""
    closing: str = ""
    text: str
    link: str | None = None
    deal_id: str
    kind: str
    work_id: str
    role: str
    person: str
    terms: dict[str, str] = {}
    """Of an approval: the exact terms that were shown."""
    outcomes: tuple[str, ...] = ()
    """Of a task: the ways in which it may end, as long as it is open. They are not kept with the question."""
    reply: ReplyToRead | None = None
    """Of a task: the reply that is to be read, as long as it is open. It is not kept with the question either."""
    reading: str | None = None
    """What somebody said that the reply means, and who."""
    message: str | None = None
    """What the tool names the message, once it is there."""
    outcome: str | None = None
    """What became of the question, in words."""
    shown: bool = False
    """Whether the message says so."""


def question_id(source: str, message_key: str, work: OpenWork) -> str:
    """What a button carries: the same for the same question in the same message, and nothing to whoever reads it."""
    named = f"{source}\n{message_key}\n{work.deal_id}\n{work.kind}\n{work.id}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]


async def keep(store: Store, questions: Iterable[AskedWork]) -> None:
    """Keep a message's questions; those that are kept already stay as they are.

    Raises:
        StoreAway: the database does not answer.
    """
    if rows := [one.model_dump(exclude={"outcomes", "reply"}) for one in questions]:
        async with store.writing() as connection:
            await connection.execute(store.insert_new(asked_work), rows)


async def posted(store: Store, source: str, message_key: str, message: str) -> None:
    """Note what a tool names the message that asks.

    Raises:
        StoreAway: the database does not answer.
    """
    of_message = (asked_work.c.source == source, asked_work.c.message_key == message_key)
    async with store.writing() as connection:
        await connection.execute(update(asked_work).where(*of_message).values(message=message))


async def find(store: Store, question: str) -> AskedWork | None:
    """A question by its id.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        row = (await connection.execute(_WITH_WORK.where(asked_work.c.id == question))).mappings().one_or_none()
    return None if row is None else _asked(row)


async def of_message(store: Store, source: str, message_key: str) -> list[AskedWork]:
    """All that a message asks, in its order.

    Raises:
        StoreAway: the database does not answer.
    """
    chosen = _WITH_WORK.where(asked_work.c.source == source, asked_work.c.message_key == message_key)
    async with store.reading() as connection:
        rows = (await connection.execute(chosen.order_by(asked_work.c.position))).mappings().all()
    return [_asked(row) for row in rows]


def _asked(row: RowMapping) -> AskedWork:
    content = row["content"] or {}
    return AskedWork.model_validate({**row, "outcomes": content.get("outcomes", ()), "reply": content.get("reply")})


async def read_as(store: Store, question: str, reading: str) -> str:
    """Note what somebody says that the reply means which a question is about. What was noted first holds, and is told.

    Raises:
        StoreAway: the database does not answer.
    """
    this = (asked_work.c.id == question, asked_work.c.reading.is_(None))
    async with store.writing() as connection:
        await connection.execute(update(asked_work).where(*this).values(reading=reading))
        held = await connection.scalar(select(asked_work.c.reading).where(asked_work.c.id == question))
    return held or reading


async def conclude(store: Store, question: str, outcome: str) -> None:
    """Note what became of a question. What was noted first holds.

    Raises:
        StoreAway: the database does not answer.
    """
    this = (asked_work.c.id == question, asked_work.c.outcome.is_(None))
    async with store.writing() as connection:
        await connection.execute(update(asked_work).where(*this).values(outcome=outcome))


async def conclude_closed(store: Store, source: str, limit: int = 100) -> None:
    """Conclude the questions that nobody is asked any more: answered elsewhere, given to others, called off.

    Raises:
        StoreAway: the database does not answer.
    """
    still_asked = exists().where(
        open_work.c.deal_id == asked_work.c.deal_id, open_work.c.kind == asked_work.c.kind,
        open_work.c.id == asked_work.c.work_id, open_work.c.role == asked_work.c.role,
        open_work.c.person == asked_work.c.person,
    )  # fmt: skip
    waiting = (asked_work.c.source == source, ~asked_work.c.shown, asked_work.c.outcome.is_(None))
    chosen = select(asked_work).where(*waiting, asked_work.c.message.is_not(None), ~still_asked).limit(limit)
    async with store.reading() as connection:
        closed = [AskedWork.model_validate(row) for row in await connection.execute(chosen)]
    for one in closed:
        await conclude(store, one.id, await _what_became(store, one))


async def unshown(store: Store, source: str, limit: int = 100) -> list[str]:
    """The keys of posted messages that do not say yet what became of their questions.

    Raises:
        StoreAway: the database does not answer.
    """
    told = (asked_work.c.source == source, ~asked_work.c.shown, asked_work.c.outcome.is_not(None))
    keys = select(asked_work.c.message_key).where(*told, asked_work.c.message.is_not(None)).distinct().limit(limit)
    async with store.reading() as connection:
        return list(await connection.scalars(keys.order_by(asked_work.c.message_key)))


async def show(store: Store, questions: Sequence[AskedWork]) -> None:
    """Note that a message says what became of these.

    Raises:
        StoreAway: the database does not answer.
    """
    these = asked_work.c.id.in_([one.id for one in questions])
    async with store.writing() as connection:
        await connection.execute(update(asked_work).where(these).values(shown=True))


async def forget_old(store: Store, source: str) -> None:
    """Forget the questions of messages that are long past, once they are shown as settled or were never posted.

    A message is past when ``store.work_messages`` has forgotten it.

    Raises:
        StoreAway: the database does not answer.
    """
    remembered = exists().where(work_messages.c.id == asked_work.c.message_key)
    over = or_(asked_work.c.shown, asked_work.c.message.is_(None))
    async with store.writing() as connection:
        await connection.execute(delete(asked_work).where(asked_work.c.source == source, over, ~remembered))


async def _what_became(store: Store, question: AskedWork) -> str:
    of_deal = (journal.c.deal_id == question.deal_id, journal.c.kind.in_(_ENDS))
    async with store.reading() as connection:
        lines = (await connection.scalars(select(journal.c.entry).where(*of_deal).order_by(journal.c.number))).all()
    told = [entry for line in lines if _work_of(entry := _ENTRY.validate_python(line)) == question.work_id]
    return told[-1].sentence() if told else "No longer asked for"


def _work_of(entry: Entry) -> str:
    match entry:
        case TaskClosed():
            return entry.task
        case ApprovalAnswered():
            return entry.approval
        case HandoffAnswered():
            return entry.handoff
        case SuggestionAnswered():
            return entry.suggestion
        case WorkGiven():
            return entry.id
    return ""
