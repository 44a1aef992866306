"""Who looked at a document, and to whom it was passed on, as PandaDoc's audit trail shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.kit.documents import marks_of
from integrations.pandadoc.actions import FORWARDED, REASSIGNED, VIEWED
from integrations.pandadoc.polling import PandaDocPolling
from integrations.pandadoc.trail import (
    Details,
    Entry,
    Somebody,
    Told,
    changes_in_trail,
)
from store import mirror
from store.intake import Event, IntakeState
from tests.integrations.documents.desk import Desk
from tests.integrations.documents.effects import a_contract, a_proposal

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOTHING = Told(at=NINE - timedelta(days=1))
ANA, BO, CFO, REP = "ana@buyer.example", "bo@buyer.example", "cfo@buyer.example", "rep@seller.example"
DOCUMENT = Details(
    id="d-1", status="document.viewed", metadata={**marks_of("acme-1", a_proposal("offer", "pandadoc"))},
    recipients=(Somebody(email=ANA), Somebody(email="Bo@Buyer.Example")),
)  # fmt: skip


def entry(action: int, who: str | None, minutes: int = 0) -> Entry:
    user = None if who is None else Somebody(email=who)
    return Entry(
        id=f"{action}-{who}-{minutes}", user=user, action=action, date_created=NINE + minutes * timedelta(minutes=1)
    )


def shown(*entries: Entry, told: Told = NOTHING) -> list[tuple[str, str | None, str | None]]:
    found = changes_in_trail(DOCUMENT, entries, {REP}, told)
    assert {one.deal for one in found} <= {"acme-1"}
    return [(one.change, one.address, one.to) for one in found]


def test_the_first_opening_a_webhook_tells_and_the_trail_everybody_after_it() -> None:
    assert shown(entry(VIEWED, ANA), entry(VIEWED, BO, 5)) == [("opened", BO, None)]


def test_whoever_looks_again_within_ten_minutes_is_still_at_it() -> None:
    looks = [entry(VIEWED, ANA, minutes) for minutes in (0, 8, 16, 40, 45)]

    assert shown(*looks) == [("opened", ANA, None)]  # at 40 minutes


def test_a_stranger_who_looks_got_it_from_somebody() -> None:
    looks = (entry(VIEWED, ANA), entry(VIEWED, CFO, 5), entry(VIEWED, CFO, 60))

    assert shown(*looks) == [("forwarded", None, CFO), ("opened", CFO, None), ("opened", CFO, None)]


@pytest.mark.parametrize("action", [FORWARDED, REASSIGNED])
def test_a_document_that_was_passed_on_is_told_once_and_not_again_when_they_look(action: int) -> None:
    looks = (entry(VIEWED, ANA), entry(action, ANA, 1), entry(VIEWED, CFO, 5))

    assert shown(*looks) == [("forwarded", ANA, None), ("opened", CFO, None)]


def test_our_own_people_and_whoever_has_no_address_look_at_nothing() -> None:
    looks = (entry(VIEWED, REP), entry(REASSIGNED, REP, 1), entry(VIEWED, None, 2), entry(VIEWED, ANA, 3))

    assert shown(*looks) == []


def test_what_was_told_before_is_told_no_more_also_of_the_same_second() -> None:
    before = [entry(VIEWED, ANA), entry(VIEWED, BO, 5)]
    told = Told.up_to(before)
    assert told is not None

    assert shown(*before, told=told) == []
    assert shown(*before, entry(VIEWED, CFO, 5), told=told) == [("forwarded", None, CFO), ("opened", CFO, None)]


class Looks:
    """A polling that goes on from look to look, and keeps what it saw, as the worker does."""

    def __init__(self, polling: PandaDocPolling, desk: Desk) -> None:
        self._polling, self._desk = polling, desk
        self._cursor: str | None = None

    async def look(self, document: str) -> list[Event]:
        """What the trails show of a document now: what webhooks tell as well is left out."""
        events, more = list[Event](), True
        while more:
            page = await self._polling.poll(self._cursor)
            events, self._cursor, more = [*events, *page.events], page.cursor, page.more
            for one in page.seen:
                await mirror.note(self._desk.store, "pandadoc", one.object_id, one.values, one.at)
        of_trail = [one for one in events if "document_state_changed" not in one.event_id]
        return [one for one in of_trail if document in one.event_id and one.state is IntakeState.WAITING]


@pytest.fixture
async def looks(polling: PandaDocPolling, desk: Desk) -> Looks:
    begun = Looks(polling, desk)
    await begun.look("nothing")
    return begun


async def test_a_colleague_who_reads_a_forwarded_proposal_is_told_of_with_their_address(
    desk: Desk, looks: Looks
) -> None:
    sent = await desk.sent(a_proposal("passed", "pandadoc"))
    for email in (ANA, CFO, REP):
        await desk.running.change(do="view", document=sent, email=email)

    told = await looks.look(sent)

    assert [(one.fact, one.payload.get("to"), one.payload.get("address")) for one in told] == [
        ("proposal_forwarded", CFO, None), ("proposal_opened", None, CFO),
    ]  # fmt: skip
    assert {(one.deal_ref, one.payload["proposal"]) for one in told} == {("acme-1", sent)}
    assert await looks.look(sent) == []


async def test_of_a_contract_each_who_looks_is_told(desk: Desk, looks: Looks) -> None:
    sent = await desk.sent(a_contract("looked-at", "pandadoc"))
    for email in (ANA, CFO):
        await desk.running.change(do="view", document=sent, email=email)

    assert [(one.fact, one.payload.get("address")) for one in await looks.look(sent)] == [("contract_opened", CFO)]


async def test_what_a_trail_held_before_the_first_look_is_no_news(desk: Desk, polling: PandaDocPolling) -> None:
    await desk.running.switch(clock_skew=-3600)
    sent = await desk.sent(a_proposal("old", "pandadoc"))
    for email in (ANA, CFO):
        await desk.running.change(do="view", document=sent, email=email)
    await desk.running.switch(clock_skew=0)
    looks = Looks(polling, desk)
    await looks.look(sent)

    assert await looks.look(sent) == []


async def test_a_key_that_may_read_no_trail_still_brings_the_rest_and_the_check_says_so(
    desk: Desk, looks: Looks, polling: PandaDocPolling
) -> None:
    sent = await desk.sent(a_proposal("no-trail", "pandadoc"))
    for email in (ANA, CFO):
        await desk.running.change(do="view", document=sent, email=email)
    may = {one.about: one.level for one in await polling.health()}
    await desk.running.change(do="demote")
    may_not = {one.about: one.level for one in await polling.health()}
    without = await looks.look(sent)
    brought = [one.fact for one in await desk.brought(sent) if one.state is IntakeState.WAITING]
    await desk.running.change(do="promote")

    assert (may["audit trail"], may_not["audit trail"], without) == ("ok", "warning", [])
    assert brought == ["proposal_opened"]
    assert [one.fact for one in await looks.look(sent)] == ["proposal_forwarded", "proposal_opened"]  # nothing is lost
