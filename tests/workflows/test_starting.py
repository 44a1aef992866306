"""What a run of a deal may be started with: by whatever is no deal it ends at once, with what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowFailureError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from dealwright.identity import TASK_QUEUE, WORKFLOW_TYPE, workflow_id
from store import journal
from tests.workflows.world import STEADY, World, new_id

pytestmark = pytest.mark.server


async def failure_of(world: World, workflow: str, args: Sequence[object]) -> ApplicationError:
    run = await world.client.start_workflow(WORKFLOW_TYPE, args=args, id=workflow, task_queue=TASK_QUEUE)
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause


NO_INPUT: dict[str, tuple[Sequence[object], str]] = {
    "no input": ([], "one {deal, playbook}; 0 inputs came"),
    "two inputs": ([{"deal": {"id": "a"}}, STEADY], "one {deal, playbook}; 2 inputs came"),
    "null": ([None], "no {deal, playbook}"),
    "a text": (["acme-2026"], "no {deal, playbook}"),
    "a number for the deal": ([{"deal": 5}], "no {deal, playbook}"),
    "bytes": ([b"\xff\x00"], "no {deal, playbook}"),
    "an unknown encoding": ([RawValue(Payload(metadata={"encoding": b"x"}, data=b"\xff"))], "no {deal, playbook}"),
}


@pytest.mark.parametrize("what", NO_INPUT)
async def test_what_is_no_start_input_ends_the_run_with_what_is_wrong(world: World, what: str) -> None:
    args, complaint = NO_INPUT[what]
    failure = await failure_of(world, workflow_id(new_id()), args)
    assert failure.type == "BadStart"
    assert complaint in failure.message


BAD_DEALS: dict[str, tuple[dict[str, object], str]] = {
    "no deal": ({}, "id"),
    "an id with a space": ({"id": "a b"}, "no deal id"),
    "an unknown time zone": ({"contacts": [{"id": "a", "name": "A", "timezone": "Europe/Berln"}]}, "Europe/Berlin"),
    "an unknown currency": ({"amount": {"amount": 1, "currency": "EURO"}}, "currency"),
    "a negative amount": ({"amount": {"amount": -1, "currency": "EUR"}}, "amount -1 is negative"),
    "an unknown field": ({"colour": "red"}, "colour"),
    "a contact of the wrong shape": ({"contacts": "Ada"}, "contacts"),
}


@pytest.mark.parametrize("what", BAD_DEALS)
async def test_a_bad_deal_ends_the_run_with_its_mistakes(world: World, what: str) -> None:
    deal_id = new_id()
    about, complaint = BAD_DEALS[what]
    deal = {"id": deal_id, **about} if about else {}
    failure = await failure_of(world, workflow_id(deal_id), [{"deal": deal, "playbook": STEADY}])
    assert failure.type == "DealRefused"
    assert complaint in failure.message
    (refusal,) = [one for one in await journal.refusals_since(world.store) if one.deal_id == deal_id]
    assert refusal.error == failure.message


async def test_an_unknown_playbook_ends_the_run_with_what_to_do(world: World) -> None:
    deal_id = new_id()
    failure = await failure_of(world, workflow_id(deal_id), [{"deal": {"id": deal_id}, "playbook": "nonesuch"}])
    assert "run `dealwright playbook publish`" in failure.message


async def test_a_deal_started_under_another_id_ends_the_run(world: World) -> None:
    started, meant = new_id(), new_id()
    failure = await failure_of(world, workflow_id(started), [{"deal": {"id": meant}, "playbook": STEADY}])
    assert f"The deal's id is {meant!r}, but it was started as {started!r}" in failure.message


async def test_a_workflow_id_that_is_no_deals_ends_the_run(world: World) -> None:
    deal_id = new_id().removeprefix("deal-")
    failure = await failure_of(world, deal_id, [{"deal": {"id": deal_id}, "playbook": STEADY}])
    assert "under the workflow id deal-<id>" in failure.message


async def test_a_refused_id_may_be_opened_properly(world: World) -> None:
    deal_id = new_id()
    await failure_of(world, workflow_id(deal_id), [{"deal": {"id": deal_id}, "playbook": "nonesuch"}])
    run = await world.client.start_workflow(
        WORKFLOW_TYPE, {"deal": {"id": deal_id}, "playbook": STEADY}, id=workflow_id(deal_id), task_queue=TASK_QUEUE
    )
    await world.see(deal_id, lambda seen: seen.stage == "talking")
    assert run.id == workflow_id(deal_id)
