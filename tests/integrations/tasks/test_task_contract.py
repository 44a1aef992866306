"""What every tool with lists of tasks keeps to: one task, resolved once from either side, and nothing comes back."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from temporalio.exceptions import ApplicationError

from activities.once_only import Checkpoint
from integrations.registry import TOOLS
from store import links
from tests.integrations.tasks.effects import TROUBLE, a_task, off_the_list, prepared
from tests.integrations.tasks.lists import Lists
from tests.integrations.tasks.tools import TASK_TOOLS

SHOWN_BY = "integrations.kit.open_tasks._SHOWN_BY"


def test_every_tool_with_lists_of_tasks_keeps_to_this_contract() -> None:
    assert {name for name, tool in TOOLS.items() if tool.touches is not None} == {tool.name for tool in TASK_TOOLS}


@pytest.mark.parametrize("switch", ["", *TROUBLE])
async def test_there_is_one_whatever_becomes_of_the_call(lists: Lists, switch: str) -> None:
    effect = a_task()
    if switch:
        await lists.running.switch(only=lists.tool.makes, **{switch: 1})

    outcome = await lists.settle(effect)

    (one,) = await lists.has(effect)
    assert (outcome.status, outcome.reference) == ("done", f"{lists.name}:task:{one.id}")


@pytest.mark.parametrize("point", list(Checkpoint))
async def test_there_is_one_though_the_worker_is_killed_anywhere(lists: Lists, point: Checkpoint) -> None:
    effect = a_task()
    await lists.worker.attempt_until_killed(point, effect, prepare=prepared(lists.tasks, effect))

    outcome = await lists.settle(effect)

    assert (outcome.status, len(await lists.has(effect))) == ("done", 1)


@pytest.mark.parametrize("place", range(12))
async def test_there_is_one_wherever_the_worker_dies_twice(lists: Lists, place: int) -> None:
    effect = a_task()
    for _ in range(2):
        try:
            await lists.worker.attempt_killed_at_the(place, effect, prepare=prepared(lists.tasks, effect))
        except ApplicationError:
            continue

    outcome = await lists.settle(effect)

    assert (outcome.status, len(await lists.has(effect))) == ("done", 1)


async def test_what_somebody_completes_there_is_done_here_once(lists: Lists) -> None:
    effect, id_ = await lists.made()
    await lists.do("complete", id_)

    told = [(one.fact, one.payload.get("outcome")) for one in await lists.told_of(effect)]

    assert told == [("crm_task_completed", None)]
    assert len(await lists.told_of(effect)) == 1
    assert await links.objects_of(lists.store, "acme-1", lists.name, "task") != [id_]


async def test_what_was_completed_before_it_was_known_whose_it_is_is_told_still(lists: Lists) -> None:
    effect = a_task()
    delivery = await lists.tasks.create_task("acme-1", effect)
    for part in delivery.before:
        await part.delivery.send()
    reference = await delivery.send()
    await lists.do("complete", str(reference).rpartition(":")[2])
    await lists.hear()
    assert delivery.arrived is not None

    await delivery.arrived(reference)

    (one,) = await lists.told_of(effect)
    assert one.fact == "crm_task_completed"


@pytest.mark.parametrize("how", ["cancelled", "done"])
@pytest.mark.parametrize("switch", ["", *TROUBLE])
async def test_what_is_off_the_list_here_is_resolved_there_once_and_does_not_come_back(
    lists: Lists, switch: str, how: str
) -> None:
    effect, _ = await lists.made()
    call, becomes = (
        (lists.tool.calls_off, lists.tool.called_off) if how == "cancelled" else (lists.tool.completes, "done")
    )
    if switch:
        await lists.running.switch(only=call, **{switch: 1})

    outcome = await lists.settle(off_the_list(effect, how))

    now = [(one.standing, one.resolutions) for one in await lists.has(effect)]
    assert (outcome.status, now) == ("done", [(becomes, 1)] if becomes else [])
    assert await lists.told_of(effect) == []


@pytest.mark.parametrize("point", list(Checkpoint))
async def test_it_is_off_the_list_though_the_worker_is_killed_anywhere(lists: Lists, point: Checkpoint) -> None:
    effect, _ = await lists.made()
    off = off_the_list(effect)
    await lists.worker.attempt_until_killed(point, off, prepare=prepared(lists.tasks, off))

    outcome = await lists.settle(off)

    becomes = lists.tool.called_off
    now = [(one.standing, one.resolutions) for one in await lists.has(effect)]
    assert (outcome.status, now) == ("done", [(becomes, 1)] if becomes else [])


async def test_what_may_have_been_made_is_found_and_taken_off(lists: Lists) -> None:
    effect = a_task()
    await lists.running.switch(only=lists.tool.makes, lose_response=1)
    with pytest.raises(ApplicationError):
        await lists.worker.attempt(effect, prepare=prepared(lists.tasks, effect))

    await lists.settle(off_the_list(effect))

    becomes = lists.tool.called_off
    assert [one.standing for one in await lists.has(effect)] == ([becomes] if becomes else [])


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("how", ["cancelled", "done"])
@pytest.mark.parametrize("theirs", ["complete", "drop"])
async def test_what_somebody_has_done_or_deleted_stays_as_it_is(
    lists: Lists, theirs: str, how: str, *, at_once: bool
) -> None:
    effect, id_ = await lists.made()
    off = off_the_list(effect, how)
    delivery = await prepared(lists.tasks, off)() if at_once else None
    await lists.do(theirs, id_)
    before = await lists.has(effect)

    await (delivery or await prepared(lists.tasks, off)()).send()

    now = await lists.has(effect)
    deleted_at_once = at_once and how == "cancelled" and lists.tool.called_off is None
    assert now == ([] if deleted_at_once else before)


async def test_a_task_that_was_never_made_is_left_alone(lists: Lists) -> None:
    before = len(await lists.running.calls(lists.tool.makes.removesuffix("$")))

    outcome = await lists.settle(off_the_list(a_task()))

    assert (outcome.status, len(await lists.running.calls(lists.tool.makes.removesuffix("$")))) == ("done", before)


async def test_what_somebody_deletes_there_is_skipped_here_once(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    effect, id_ = await lists.made()
    assert await lists.told_of(effect) == []
    await lists.do("drop", id_)
    monkeypatch.setattr(SHOWN_BY, timedelta(0))

    (one,) = await lists.told_of(effect)

    assert (one.fact, await lists.deal_of(one)) == ("crm_task_completed", "acme-1")
    assert (one.payload["outcome"], one.payload["result"]) == ("skipped", f"deleted in {lists.tool.title}")
    asked = len(await lists.running.calls(f"{lists.tool.shows}{id_}"))
    assert await lists.told_of(effect) == [one]
    assert len(await lists.running.calls(f"{lists.tool.shows}{id_}")) == asked


@pytest.mark.parametrize("switch", ["server_error", "bad_gateway", "lose_response"])
async def test_a_task_is_not_gone_because_an_answer_failed(
    lists: Lists, switch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect, _ = await lists.made()
    monkeypatch.setattr(SHOWN_BY, timedelta(0))
    await lists.running.switch(only=lists.tool.shows, **{switch: 50})

    assert await lists.told_of(effect) == []

    await lists.running.switch(only="", **{switch: 0})
    assert await lists.told_of(effect) == []


async def test_a_task_that_was_just_made_is_not_gone_while_the_tool_does_not_show_it_yet(lists: Lists) -> None:
    effect, id_ = await lists.made()
    await lists.do("drop", id_)

    assert await lists.told_of(effect) == []


async def test_tasks_are_asked_for_in_turn_some_at_each_reading(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.kit.open_tasks.AT_ONCE", 2)
    monkeypatch.setattr(SHOWN_BY, timedelta(0))
    made = [await lists.made() for _ in range(5)]
    for _, id_ in made:
        await lists.do("drop", id_)

    told = []
    for _ in range(3):
        await lists.look()
        told.append(sum([len(await lists.in_intake(effect)) for effect, _ in made]))

    assert max(after - before for before, after in pairwise([0, *told])) <= 2
    assert told[-1] == len(made)
