"""Deals whose contacts go through a sequence of Apollo, which is only read, by the installation's own worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dealwright.facts import ReplyReceived
from store import ledger
from store.ledger import LedgerState
from tests.faults.cadence_world import ApolloWorld
from tests.faults.tool_world import a_tool_world
from tests.faults.world import World

pytestmark = pytest.mark.server


@pytest.fixture
async def apollo(own_world: World, tmp_path: Path) -> AsyncIterator[ApolloWorld]:
    """An installation with its worker and gateway, connected to an Apollo team of its own."""
    async with a_tool_world(ApolloWorld, own_world, tmp_path, "apollo") as lived:
        yield lived


async def test_a_contact_is_enrolled_once_their_reply_is_read_and_both_sides_agree(apollo: ApolloWorld) -> None:
    await apollo.simulator.switch(only="/add_contact_ids$", lose_response=1)
    replies = await apollo.begin()
    address = await apollo.enrolled(replies)
    await apollo.simulator.switch(only="")

    await apollo.simulator.change(do="advance", email=address)
    await apollo.passed_on("enrolment_advanced", reading=True)
    await apollo.kill("worker")
    await apollo.kill("gateway")
    await apollo.simulator.change(do="reply", email=address)
    await apollo.ends(replies, "replied", reading=True)
    await apollo.has(replies, "reply_received")

    stopped = await apollo.begin()
    other = await apollo.enrolled(stopped)
    await apollo.simulator.switch(only="/remove_or_stop_contact_ids$", lose_response=1)
    await apollo.world.deals.record(stopped, ReplyReceived(id="r-1", sentiment="interested"))
    await apollo.ends(stopped, "called_off")

    async def taken_out() -> bool:
        return [one["status"] for one in (await apollo.contacts())[other]["statuses"]] == ["finished"]

    await apollo.until("the contact taken out", taken_out)
    await apollo.read_once_more("GET /api/v1/contacts/")
    await apollo.quiet()

    await _both_sides_agree(apollo, {address: ["enrolled", "replied", "completed"], other: ["enrolled", "completed"]})
    assert await apollo.over(stopped) == ["called_off"]
    assert await apollo.facts(stopped, "enrolment_ended") == []
    assert len(await apollo.facts(replies, "reply_received")) == 1
    assert len(await apollo.facts(replies, "enrolment_advanced")) == 1


async def _both_sides_agree(apollo: ApolloWorld, timelines: dict[str, list[str]]) -> None:
    """What became of each contact there, once each, and nothing that anybody has to look into."""
    contacts = await apollo.contacts()
    told = {address: [one["type"] for one in reversed(it["timeline"])] for address, it in contacts.items()}
    assert told == timelines
    assert sorted(one["stops"] for it in contacts.values() for one in it["statuses"]) == [0, 1]
    counts = await ledger.counts(apollo.world.store)
    assert {state for kind, state in counts if kind in {"enrol_contact", "stop_enrolment"}} == {LedgerState.RECORDED}
    assert await apollo.not_told() == {}
