"""Questions in other tools' messages: until when they are open, and that what became of them is shown once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from dealwright.entries import ApprovalAnswered, ApprovalRequested, TaskClosed, TaskOpened
from store import asked_work, journal
from store.asked_work import AskedWork
from store.database import Store
from store.people_tables import work_messages
from tests.store.samples import NOW

MAX = "max@us.example"
OPENED = TaskOpened(
    at=NOW, number=1, task="t1", title="Call Ana", name="call", role="sdr", due_at=NOW + timedelta(days=1), given_to=MAX
)
CLOSED = TaskClosed(at=NOW, number=2, task="t1", title="Call Ana", how="done", by="eva@us.example")


async def write(store: Store, *entries: object) -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, "acme", entries, "run-1")  # type: ignore[arg-type] # entries of any kind


async def ask(
    store: Store, kind: str = "task", work_id: str = "t1", role: str = "sdr", *, posted: bool = True
) -> AskedWork:
    question = AskedWork(
        id=f"q-{work_id}", source="board", message_key="m1", position=0, text="?", deal_id="acme", kind=kind,
        work_id=work_id, role=role, person=MAX,
    )  # fmt: skip
    await asked_work.keep(store, [question])
    if posted:
        await asked_work.posted(store, "board", "m1", "message:1")
    return question


async def outcome(store: Store, question: AskedWork) -> str | None:
    await asked_work.conclude_closed(store, "board")
    found = await asked_work.find(store, question.id)
    assert found is not None
    return found.outcome


async def test_a_question_that_is_open_has_no_outcome(store: Store) -> None:
    await write(store, OPENED)
    assert await outcome(store, await ask(store)) is None
    assert await asked_work.unshown(store, "board") == []


async def test_what_was_done_elsewhere_is_told_by_whom(store: Store) -> None:
    await write(store, OPENED, CLOSED)
    assert await outcome(store, await ask(store)) == "Task done: Call Ana by eva@us.example"
    assert await asked_work.unshown(store, "board") == ["m1"]


async def test_of_a_chain_each_is_asked_until_they_answered(store: Store) -> None:
    about = {"at": NOW, "approval": "a1", "name": "discount"}
    asked = {"terms": {"discount": "15"}, "chain": ("manager", "cfo"), "answer_by": NOW, "given_to": MAX}
    await write(store, ApprovalRequested.model_validate({**about, **asked, "number": 1}))
    question = await ask(store, "approval", "a1", "manager")
    assert await outcome(store, question) is None
    answered = {"answer": "approve", "by": MAX, "given_to": MAX}  # who holds both roles
    await write(store, ApprovalAnswered.model_validate({**about, **answered, "number": 2}))
    assert await outcome(store, question) == f"Approval discount: approve by {MAX}"


async def test_the_outcome_that_was_noted_first_holds(store: Store) -> None:
    await write(store, OPENED, CLOSED)
    question = await ask(store)
    await asked_work.conclude(store, question.id, "Done, says Max")
    assert await outcome(store, question) == "Done, says Max"


async def test_nothing_is_shown_in_a_message_that_is_not_there_yet(store: Store) -> None:
    await write(store, OPENED, CLOSED)
    question = await ask(store, posted=False)
    await asked_work.conclude(store, question.id, "Done")
    assert await asked_work.unshown(store, "board") == []
    await asked_work.posted(store, "board", "m1", "message:1")
    assert await asked_work.unshown(store, "board") == ["m1"]


async def test_what_was_shown_is_not_shown_again(store: Store) -> None:
    await write(store, OPENED, CLOSED)
    question = await ask(store)
    await outcome(store, question)
    await asked_work.show(store, [question])
    assert await asked_work.unshown(store, "board") == []


async def test_kept_again_a_question_stays_as_it_is(store: Store) -> None:
    question = await ask(store)
    await asked_work.conclude(store, question.id, "Done")
    await asked_work.keep(store, [question])
    (found,) = await asked_work.of_message(store, "board", "m1")
    assert (found.outcome, found.message) == ("Done", "message:1")


async def test_questions_are_forgotten_with_their_message_once_they_are_settled(store: Store) -> None:
    await write(store, OPENED)
    question = await ask(store)
    await asked_work.forget_old(store, "board")
    assert await asked_work.find(store, question.id) is not None
    await asked_work.show(store, [question])
    await asked_work.forget_old(store, "board")
    assert await asked_work.find(store, question.id) is None


async def test_questions_stay_as_long_as_their_message_is_remembered(store: Store) -> None:
    question = await ask(store, posted=False)
    row = {"id": "m1", "person": MAX, "planned_at": NOW, "state": "done"}
    async with store.writing() as connection:
        await connection.execute(insert(work_messages), row)
    await asked_work.forget_old(store, "board")
    assert await asked_work.find(store, question.id) is not None
