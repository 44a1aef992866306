"""How another service reaches deals: through the real server, to the real workflow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic_core import to_json

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import (
    CommandRefused,
    DealExists,
    DealFinished,
    DealNotLetIn,
    NoSuchDeal,
    TemporalAway,
)
from dealwright.commands import Close, MoveToStage, Pause, Resume
from dealwright.deal import Contact
from dealwright.decision import Verdict
from dealwright.entries import FactTaken
from dealwright.facts import ContactsLearned, DealLost, LeadQualified, NoteAdded, NotesLearned
from dealwright.identity import TASK_QUEUE, WORKFLOW_TYPE, workflow_id
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import LARGEST_FACT, check_fact
from tests.temporal_environment import QUIET, new_deal_id, wait_until

pytestmark = pytest.mark.server


async def facts_of(deals: DealClient, deal_id: str) -> list[str | None]:
    """The notes of the facts that the deal took, once it has decided on all it was told."""
    await deals.command(deal_id, Pause(by="Ana", why="a command is decided with all facts before it"))
    return [entry.note for entry in await deals.story(deal_id) if isinstance(entry, FactTaken)]


async def finish(deals: DealClient, deal_id: str) -> None:
    await deals.command(deal_id, Close(by="Ana", why="test", outcome="lost"))
    await deals.temporal.get_workflow_handle(workflow_id(deal_id)).result()


async def test_an_opening_that_the_deal_decides_against_is_told_with_the_reason(
    deals: DealClient, worker: None
) -> None:
    with pytest.raises(DealNotLetIn, match="nope") as refused:
        await deals.open({"id": new_deal_id()}, "nope")

    assert "nope" in refused.value.reason


async def test_an_opening_says_that_the_deal_was_let_in(deals: DealClient, worker: None) -> None:
    deal = {"id": new_deal_id()}

    assert [(await deals.open(deal, QUIET)).let_in for _ in range(2)] == [True, True]


async def test_an_opening_that_is_not_waited_for_says_that_it_is_not_known_yet(deals: DealClient) -> None:
    opened = await deals.open({"id": new_deal_id()}, "nope", until_decided=timedelta())

    assert (opened.opened_now, opened.let_in) == (True, False)


async def test_a_fact_is_checked_as_it_is_sent_with_the_id_that_is_made_up_for_it(deals: DealClient) -> None:
    notes = {f"note{number}": "x" * 16_000 for number in range(4)}
    room = LARGEST_FACT - len(to_json(NotesLearned(notes={**notes, "last": ""}), exclude_none=True))
    fact = NotesLearned(notes={**notes, "last": "x" * (room - 4)})

    check_fact(fact)
    with pytest.raises(BadDeal, match="bytes as JSON"):
        await deals.record("acme", fact)


async def test_a_deal_is_opened_once_however_often_it_is_asked_for(deals: DealClient, worker: None) -> None:
    deal = {"id": new_deal_id(), "title": "50 seats", "amount": {"amount": "10.00", "currency": "EUR"}}
    first = await deals.open(deal, QUIET)
    again = await deals.open(deal | {"amount": {"amount": 10, "currency": "EUR"}}, QUIET)
    assert (first.opened_now, again.opened_now, again.run_id) == (True, False, first.run_id)


async def test_another_deal_under_the_same_id_is_refused(deals: DealClient, deal_id: str) -> None:
    with pytest.raises(DealExists, match="amend"):
        await deals.open({"id": deal_id, "title": "Another"}, QUIET)
    with pytest.raises(DealExists):
        await deals.open({"id": deal_id}, "five-steps")


async def test_openings_at_the_same_time_open_one_deal(deals: DealClient, worker: None) -> None:
    deal = {"id": new_deal_id()}
    opened = await asyncio.gather(*(deals.open(deal, QUIET) for _ in range(8)))
    assert sorted(one.opened_now for one in opened) == [False] * 7 + [True]


async def test_a_deal_that_the_plain_cli_opened_is_returned(deals: DealClient, worker: None) -> None:
    deal_id = new_deal_id()
    await deals.temporal.start_workflow(
        WORKFLOW_TYPE, {"deal": {"id": deal_id}, "playbook": QUIET}, id=workflow_id(deal_id), task_queue=TASK_QUEUE
    )
    assert not (await deals.open({"id": deal_id}, QUIET)).opened_now
    with pytest.raises(DealExists):
        await deals.open({"id": deal_id, "title": "Another"}, QUIET)


async def test_a_finished_deal_is_not_opened_told_or_commanded_again(deals: DealClient, deal_id: str) -> None:
    await finish(deals, deal_id)
    with pytest.raises(DealFinished):
        await deals.open({"id": deal_id}, QUIET)
    with pytest.raises(DealFinished):
        await deals.record(deal_id, DealLost())
    with pytest.raises(DealFinished):
        await deals.record_or_open({"id": deal_id}, DealLost(), QUIET)
    with pytest.raises(DealFinished):
        await deals.command(deal_id, Resume(by="Ana"))


async def test_a_command_that_meets_the_end_of_its_deal_is_not_waited_for(deals: DealClient, deal_id: str) -> None:
    closing = deals.command(deal_id, Close(by="Ana", why="test", outcome="lost"))
    pausing = [deals.command(deal_id, Pause(by="Ana", why="test"), wait=timedelta(minutes=2)) for _ in range(8)]
    began = time.monotonic()
    answers = await asyncio.gather(closing, *pausing, return_exceptions=True)
    assert time.monotonic() - began < 60
    assert {type(answer) for answer in answers} <= {Verdict, DealFinished}


async def test_a_finished_deal_can_still_be_read(deals: DealClient, deal_id: str) -> None:
    await finish(deals, deal_id)
    snapshot = await deals.snapshot(deal_id)
    assert (snapshot.finished, snapshot.outcome) == (True, "lost")
    assert await deals.agenda(deal_id) == ()


async def test_a_bad_deal_never_reaches_temporal(deals: DealClient) -> None:
    with pytest.raises(BadDeal, match="Write Europe/Berlin"):
        await deals.open({"id": "d", "owners": {"sdr": {"name": "Sam", "timezone": "Europe/Berln"}}})


async def test_an_unknown_deal_is_said_to_be_unknown(deals: DealClient, worker: None) -> None:
    unknown = new_deal_id()
    calls: list[Awaitable[Any]] = [
        deals.record(unknown, DealLost()),
        deals.command(unknown, Resume(by="Ana")),
        deals.snapshot(unknown),
    ]
    for call in calls:
        with pytest.raises(NoSuchDeal, match=unknown):
            await call


async def test_a_fact_reaches_the_deal_with_what_it_teaches(deals: DealClient, deal_id: str) -> None:
    await deals.record(deal_id, LeadQualified(level="sql", score=71, at=datetime(2026, 1, 2, tzinfo=UTC)))

    async def learned() -> bool:
        return (await deals.snapshot(deal_id)).score == 71

    await wait_until(learned)
    assert (await deals.snapshot(deal_id)).stage == "outreach"


async def test_a_fact_told_again_under_its_id_counts_once(deals: DealClient, deal_id: str) -> None:
    made_up = await deals.record(deal_id, NoteAdded(text="x", note="one"))
    assert await deals.record(deal_id, NoteAdded(id=made_up, text="x", note="one")) == made_up
    await deals.record(deal_id, NoteAdded(text="x", note="two"))
    assert await facts_of(deals, deal_id) == ["one", "two"]
    assert (await deals.snapshot(deal_id)).repeats == 1


async def test_a_fact_that_teaches_nonsense_is_refused_before_it_is_sent(deals: DealClient) -> None:
    with pytest.raises(BadDeal, match=r"contacts\[0\]\.email"):
        await deals.record("any", ContactsLearned(contacts=(Contact(id="a", name="A", email="x"),)))


async def test_a_fact_may_open_its_deal(deals: DealClient, worker: None) -> None:
    deal = {"id": new_deal_id()}
    await deals.record_or_open(deal, NoteAdded(text="x", note="first"), QUIET)
    await deals.record_or_open(deal, NoteAdded(text="x", note="second"), QUIET)
    assert await facts_of(deals, deal["id"]) == ["first", "second"]


async def test_a_command_gets_its_verdict(deals: DealClient, deal_id: str) -> None:
    verdict = await deals.command(deal_id, Pause(by="Ana", why="holiday"))
    assert (verdict.accepted, verdict.decided) == (True, True)
    assert (await deals.snapshot(deal_id)).paused


async def test_a_command_that_does_not_fit_gets_a_verdict_that_says_so(deals: DealClient, deal_id: str) -> None:
    verdict = await deals.command(deal_id, MoveToStage(by="Ana", why="why not", stage="nowhere"))
    assert not verdict.accepted
    assert "nowhere" in verdict.text


async def test_a_command_given_again_under_its_id_is_carried_out_once(deals: DealClient, deal_id: str) -> None:
    first = await deals.command(deal_id, Pause(by="Ana", why="holiday"), command_id="p1")
    again = await deals.command(deal_id, Pause(by="Ana", why="holiday"), command_id="p1")
    assert again == first
    assert [entry.kind for entry in await deals.story(deal_id)].count("paused") == 1


async def test_a_command_whose_content_is_not_valid_is_refused(deals: DealClient, deal_id: str) -> None:
    with pytest.raises(CommandRefused, match="why"):
        await deals.command(deal_id, Pause.model_construct(by="Ana", why=""))


async def test_a_command_nobody_answers_says_under_which_id_to_ask_again(deals: DealClient) -> None:
    deal_id = new_deal_id()
    await deals.temporal.start_workflow(WORKFLOW_TYPE, {}, id=workflow_id(deal_id), task_queue="nobody")
    began = time.monotonic()
    with pytest.raises(TemporalAway, match="p1") as caught:
        await deals.command(deal_id, Resume(by="Ana"), command_id="p1", wait=timedelta(seconds=0.5))
    assert caught.value.attempt == "p1"
    assert time.monotonic() - began < 30
