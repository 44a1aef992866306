"""What people are asked, over all deals, as the journals have it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from dealwright.entries import (
    ApprovalAnswered,
    ApprovalRequested,
    DeadlineMissed,
    Entry,
    HandoffAnswered,
    HandoffBegun,
    HandoffOffered,
    SuggestionAnswered,
    SuggestionMade,
    TaskClosed,
    TaskOpened,
    WorkGiven,
)
from store import journal, open_work
from store.database import Store
from store.open_work import OpenWork, WhichWork
from tests.store.samples import NOW, fact

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEN, MAX = "Ben@us.example", "max@us.example"


def task(number: int, id_: str = "t1", **about: object) -> TaskOpened:
    given = {"title": "Call Ana", "name": "call", "role": "sdr", "due_at": NOW + DAY, "given_to": BEN}
    return TaskOpened.model_validate({"at": NOW, "number": number, "task": id_, **given, **about})


def approval(number: int, **about: object) -> ApprovalRequested:
    given = {
        "name": "discount", "terms": {"discount": "15", "amount": "48000.00"}, "currencies": {"amount": "EUR"},
        "chain": ("sales_manager", "finance"), "answer_by": NOW + HOUR, "given_to": MAX,
    }  # fmt: skip
    return ApprovalRequested.model_validate({"at": NOW, "number": number, "approval": "a1", **given, **about})


def handoff(number: int) -> tuple[Entry, Entry]:
    about = {"at": NOW, "handoff": "h1", "name": "sdr-to-ae", "to_role": "account_executive"}
    begun = HandoffBegun.model_validate({**about, "number": number, "from_role": "sdr"})
    offered = {**about, "number": number + 1, "accept_by": NOW + DAY, "given_to": "Eva"}
    return begun, HandoffOffered.model_validate(offered)


async def write(store: Store, entries: Sequence[Entry], deal_id: str = "acme", run: str = "r1") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, run)


async def listed(store: Store, **which: str) -> list[OpenWork]:
    return await open_work.list_work(store, NOW + 2 * HOUR, WhichWork(**which))


async def test_tasks_approvals_and_handoffs_are_one_list_by_when_they_are_due(store: Store) -> None:
    await write(store, [task(1), approval(2), *handoff(3)])
    assert [(one.kind, one.id, one.role, one.person) for one in await listed(store)] == [
        ("approval", "a1", "sales_manager", MAX),
        ("handoff", "h1", "account_executive", "Eva"),
        ("task", "t1", "sdr", "ben@us.example"),
    ]


async def test_a_person_is_found_by_address_however_it_is_written(store: Store) -> None:
    await write(store, [task(1), approval(2), *handoff(3)])
    assert [one.id for one in await listed(store, person="BEN@US.example")] == ["t1"]
    assert [one.id for one in await listed(store, person="Eva")] == ["h1"]
    assert await listed(store, person="eve@us.example") == []


async def test_each_says_how_old_it_is_whether_it_is_late_and_how_it_is_answered(store: Store) -> None:
    await write(store, [task(1), approval(2)])
    asked, to_do = await listed(store)
    assert (asked.age_seconds, asked.overdue, to_do.overdue) == (7200, True, False)
    assert (asked.answer.command, to_do.answer.command) == ("decide_approval", "complete_task")
    assert asked.answer.fields == {"approval": "a1", "terms": {"discount": "15", "amount": "48000.00"}}
    assert asked.currencies == {"amount": "EUR"}


@pytest.mark.parametrize(
    "answered",
    [
        TaskClosed(at=NOW, number=5, task="t1", title="Call Ana", how="done", by=BEN),
        ApprovalAnswered(at=NOW, number=5, approval="a1", name="discount", answer="refuse", by=MAX, settled="refused"),
        HandoffAnswered(at=NOW, number=5, handoff="h1", name="sdr-to-ae", to_role="ae", answer="accepted", by="Eva"),
    ],
    ids=["task", "approval", "handoff"],
)
async def test_what_is_answered_is_no_longer_listed(store: Store, answered: Entry) -> None:
    await write(store, [task(1), approval(2), *handoff(3)])
    await write(store, [answered])
    assert len(await listed(store)) == 2


async def test_the_next_of_a_chain_is_asked_after_the_first(store: Store) -> None:
    await write(store, [approval(1)])
    yes = ApprovalAnswered(
        at=NOW + HOUR, number=2, approval="a1", name="discount", answer="approve", by=MAX, given_to="fin@us.example"
    )
    await write(store, [yes])
    (asked,) = await listed(store)
    assert (asked.role, asked.person, asked.asked_at) == ("finance", "fin@us.example", NOW + HOUR)


async def test_who_takes_a_role_over_has_its_approvals(store: Store) -> None:
    given = WorkGiven(
        at=NOW, number=2, what="approval", id="a1", label="discount", role="sales_manager", person="Eva", given_to="Eva"
    )
    await write(store, [approval(1), given])
    assert [one.person for one in await listed(store)] == ["Eva"]


async def test_a_deadline_that_went_by_is_told(store: Store) -> None:
    missed = DeadlineMissed(
        at=NOW, number=2, what="task", id="t1", label="Call Ana", role="sdr", next_deadline=NOW + 2 * DAY
    )
    await write(store, [task(1), missed])
    (late,) = await listed(store)
    assert (late.missed, late.overdue, late.due_at) == (1, True, NOW + 2 * DAY)


async def test_lines_that_come_late_change_nothing_in_what_is_open(store: Store) -> None:
    done = TaskClosed(at=NOW, number=2, task="t1", title="Call Ana", how="done")
    await write(store, [done])
    await write(store, [task(1)])
    assert await listed(store) == []


async def test_what_a_reset_has_undone_is_undone_here(store: Store) -> None:
    await write(store, [fact(1, "demo_held"), task(2)])
    await write(store, [fact(2, "demo_missed")], run="r2")
    assert await listed(store) == []


async def test_deals_are_listed_together_or_one_by_one_in_pages(store: Store) -> None:
    for deal in ("acme", "bolt", "core"):
        await write(store, [task(1, f"{deal}/t")], deal)
    assert [one.id for one in await listed(store, deal_id="bolt")] == ["bolt/t"]
    rest = await open_work.list_work(store, NOW, limit=2, offset=1)
    assert [one.id for one in rest] == ["bolt/t", "core/t"]


def suggestion(number: int, text: str, digest: str | None = None) -> SuggestionMade:
    given = {"suggestion": f"s{number}", "words": text, "role": "sdr", "given_to": BEN, "source": "gong"}
    times = {"at": NOW, "answer_by": NOW + DAY, "happened_at": NOW}
    return SuggestionMade.model_validate({"number": number, "text": text, "digest": digest, **given, **times})


async def test_a_suggested_step_is_listed_with_who_suggests_it_and_how_it_is_answered(store: Store) -> None:
    await write(store, [suggestion(1, "Send the price list")])
    (asked,) = await listed(store, person=BEN)
    assert (asked.kind, asked.title, asked.detail) == ("suggestion", "Send the price list", "Suggested by gong.")
    assert (asked.answer.command, asked.answer.fields) == ("answer_suggestion", {"suggestion": "s1"})


async def test_suggestions_that_stand_together_are_one_thing_that_names_each(store: Store) -> None:
    await write(store, [suggestion(1, "Send it", "d1"), suggestion(2, "Call her", "d1")])
    (asked,) = await listed(store)
    assert (asked.kind, asked.id, asked.detail) == ("suggestions", "d1", "s1: Send it; s2: Call her")
    assert asked.answer.fields == {"suggestion": "d1", "answer": "dismiss"}


async def test_a_suggestion_that_was_answered_is_no_longer_listed(store: Store) -> None:
    await write(store, [suggestion(1, "Send it", "d1"), suggestion(2, "Call her", "d1")])
    dismissed = SuggestionAnswered(at=NOW, number=3, suggestion="s1", text="Send it", answer="dismissed", by=BEN)
    await write(store, [dismissed])
    (asked,) = await listed(store)
    assert asked.title == "1 more suggested next step"


async def test_a_suggestion_goes_to_whoever_has_the_deal_now(store: Store) -> None:
    await write(store, [suggestion(1, "Send it")])
    given = {"what": "suggestion", "id": "s1", "label": "suggestion Send it", "role": "account_executive"}
    await write(store, [WorkGiven.model_validate({"at": NOW, "number": 2, "given_to": MAX, **given})])
    (asked,) = await listed(store)
    assert (asked.role, asked.person) == ("account_executive", MAX)
