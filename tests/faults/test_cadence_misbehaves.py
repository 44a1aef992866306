"""Contacts in cadences of Outreach, Salesloft and Apollo, while these misbehave and our processes are killed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dealwright.facts import ReplyReceived
from store import ledger
from store.ledger import LedgerState
from tests.faults.cadence_world import ApolloWorld, CadenceWorld, OutreachWorld, SalesloftCadences
from tests.faults.misbehaviour import IN_TOOL_LIVES, Turn, whatever_fails
from tests.faults.tool_world import a_tool_world
from tests.faults.world import World

pytestmark = IN_TOOL_LIVES
KINDS: dict[str, type[CadenceWorld]] = {
    "outreach": OutreachWorld, "salesloft": SalesloftCadences, "apollo": ApolloWorld,
}  # fmt: skip


@pytest.fixture(params=KINDS)
async def cadences(own_world: World, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[CadenceWorld]:
    """An installation with its worker and gateway, connected to one tool that runs cadences."""
    async with a_tool_world(KINDS[request.param], own_world, tmp_path, request.param) as lived:
        yield lived


async def test_whatever_fails_each_contact_is_enrolled_once_and_taken_out_once(cadences: CadenceWorld) -> None:
    stopped: list[str] = []

    async def go_through(turn: Turn) -> str:
        """Of two contacts one replies to the cadence, and the other elsewhere."""
        replies, stops = await cadences.begin(), await cadences.begin()
        await cadences.kill(turn.first)  # while they are enrolled
        for deal in (replies, stops):
            await cadences.joined(deal)
        await cadences.goes_on(replies)
        async with cadences.gateway_away():
            await cadences.replies(replies)
        await cadences.world.deals.record(stops, ReplyReceived(id="r-1", sentiment="interested"))
        await cadences.kill("worker")  # while the other one is taken out
        stopped.append(stops)
        return replies

    await cadences.begin_to_read()
    replied = await whatever_fails(cadences, go_through)
    for deal in replied:
        await cadences.has(deal, "reply_received", reading=True)
        await cadences.ends(deal, "replied", "called_off", reading=True)  # whichever is heard of first
    for deal in stopped:
        await cadences.ends(deal, "called_off")
    await cadences.look()
    await cadences.quiet()

    for deal in (*replied, *stopped):
        assert await cadences.standings(deal) == [cadences.is_out]
    assert [len(await cadences.facts(deal, "reply_received")) for deal in replied] == [1] * len(replied)
    assert [await cadences.facts(deal, "enrolment_ended") for deal in stopped] == [[]] * len(stopped)
    assert all([len(await cadences.facts(deal, "enrolment_advanced")) <= cadences.steps_told for deal in replied])
    counts = await ledger.counts(cadences.world.store)
    states = {state for kind, state in counts if kind in {"enrol_contact", "stop_enrolment"}}
    assert states == {LedgerState.RECORDED}
    assert await cadences.not_told() == {}
