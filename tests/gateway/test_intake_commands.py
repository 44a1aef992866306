"""Commands that people give in another tool: each is given once, by whoever the tool says, who hears the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue
from typing_extensions import override

from dealwright.client.errors import NoSuchDeal, TemporalAway
from dealwright.commands import Command, CompleteTask
from dealwright.decision import Verdict
from dealwright.facts import Fact, ReplyReceived
from gateway.webhooks.delivery import Delivery
from integrations.kit.commands import CommandSource, GivenCommand, GivenFact
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.mapping.meaning import GIVES_COMMAND
from store import intake
from store.database import Store
from store.intake import Event, IntakeState
from tests.gateway.fake_deals import FakeDealClient

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DONE = Verdict(accepted=True, text="Done.")
NOT_ASKED = Verdict(accepted=False, text="Not taken: Max is not asked.")


class Deals(FakeDealClient):
    """Deals that answer every command with ``verdict``."""

    verdict: Verdict | Exception
    given: list[tuple[str, str, str | None]]
    """Deal, who gave it, and id of each command."""

    @override
    async def command(
        self, deal_id: str, command: Command, *, command_id: str | None = None, wait: timedelta | None = None
    ) -> Verdict:
        self.given.append((deal_id, command.by, command_id))
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict


class Board:
    """A tool in which people tick tasks off."""

    def __init__(self) -> None:
        self.unreadable: Exception | None = None
        self.deaf: Exception | None = None
        self.fact: Fact | None = None
        self.heard: list[tuple[JsonValue, Verdict]] = []

    async def read(self, what: JsonValue) -> GivenCommand | GivenFact:
        if self.unreadable:
            raise self.unreadable
        if self.fact:
            return GivenFact("acme", self.fact)
        return GivenCommand("acme", CompleteTask(by="max@us.example", task=str(what)))

    async def tell(self, what: JsonValue, verdict: Verdict) -> None:
        if self.deaf:
            raise self.deaf
        self.heard.append((what, verdict))

    async def settle(self) -> None:
        """It shows nothing."""


@pytest.fixture
async def deals() -> Deals:
    deals = await Deals.make()
    deals.verdict, deals.given = DONE, []
    return deals


@pytest.fixture
def board() -> Board:
    return Board()


async def ticked(store: Store, deals: Deals, board: Board | None, *, times: int = 1) -> tuple[IntakeState, str | None]:
    """Somebody ticks the task t1 off, and the event is passed on so many times."""
    event = Event(
        source="board", event_id="e1", deal_ref="t1", fact=GIVES_COMMAND, payload={"what": "t1"}, received_at=NOW
    )
    await intake.add(store, [event])
    (row,) = await intake.recent(store)
    sources: Mapping[str, CommandSource] = {"board": board} if board else {}
    delivery = Delivery(store, deals, frozenset(), commands=sources)
    for _ in range(times - 1):
        await delivery.deliver(row)
    return await delivery.deliver(row)


async def test_the_deal_gets_it_from_whoever_the_tool_says(store: Store, deals: Deals, board: Board) -> None:
    assert await ticked(store, deals, board) == (IntakeState.DISPATCHED, None)
    assert deals.given == [("acme", "max@us.example", "board:e1")]
    assert board.heard == [("t1", DONE)]


async def test_a_fact_that_somebody_tells_by_a_button_has_the_id_of_the_press(
    store: Store, deals: Deals, board: Board
) -> None:
    board.fact = ReplyReceived(sentiment="not_now", by="max@us.example")
    assert await ticked(store, deals, board, times=2) == (IntakeState.DISPATCHED, None)
    assert (deals.told, deals.given) == ([("acme", "board:e1")] * 2, [])
    assert board.heard[0][1].text == "Told the deal: reply received (not_now)."


async def test_passed_on_again_it_has_the_same_id(store: Store, deals: Deals, board: Board) -> None:
    await ticked(store, deals, board, times=2)
    assert {id_ for _, _, id_ in deals.given} == {"board:e1"}


async def test_what_the_deal_does_not_take_is_told_with_why(store: Store, deals: Deals, board: Board) -> None:
    deals.verdict = NOT_ASKED
    assert await ticked(store, deals, board) == (IntakeState.REFUSED, NOT_ASKED.text)
    assert board.heard == [("t1", NOT_ASKED)]


async def test_a_deal_that_nobody_knows_is_told_too(store: Store, deals: Deals, board: Board) -> None:
    deals.verdict = NoSuchDeal("acme")
    state, _ = await ticked(store, deals, board)
    assert state is IntakeState.REFUSED
    assert "No deal 'acme'" in board.heard[0][1].text


async def test_what_is_no_command_reaches_no_deal_and_is_told(store: Store, deals: Deals, board: Board) -> None:
    board.unreadable = Refused("nobody here has your address")
    assert await ticked(store, deals, board) == (IntakeState.REFUSED, "nobody here has your address")
    assert deals.given == []
    assert [verdict.accepted for _, verdict in board.heard] == [False]


@pytest.mark.parametrize("error", [NotHandedOver("the tool is away"), Unanswered("the tool broke off")])
async def test_it_waits_while_the_tool_cannot_say_who_gave_it(
    store: Store, deals: Deals, board: Board, error: Exception
) -> None:
    board.unreadable = error
    state, _ = await ticked(store, deals, board)
    assert (state, deals.given, board.heard) == (IntakeState.WAITING, [], [])


async def test_it_waits_until_the_deal_has_decided(store: Store, deals: Deals, board: Board) -> None:
    deals.verdict = Verdict(accepted=True, text="Recorded.", decided=False)
    state, _ = await ticked(store, deals, board)
    assert (state, board.heard) == (IntakeState.WAITING, [])


async def test_it_waits_while_the_verdict_cannot_be_told(store: Store, deals: Deals, board: Board) -> None:
    board.deaf = NotHandedOver("the tool is away")
    assert await ticked(store, deals, board) == (
        IntakeState.WAITING, "Done. This is still to be told: the tool is away"
    )  # fmt: skip


@pytest.mark.parametrize("error", [Refused("the window is closed"), Unanswered("the tool broke off")])
async def test_a_verdict_that_may_not_have_been_told_holds_all_the_same(
    store: Store, deals: Deals, board: Board, error: Refused | Unanswered
) -> None:
    board.deaf = error
    state, note = await ticked(store, deals, board)
    assert (state, note) == (IntakeState.DISPATCHED, f"this may not have been told: {error.reason}")


async def test_it_is_given_later_while_temporal_is_away(store: Store, deals: Deals, board: Board) -> None:
    deals.verdict = TemporalAway("no answer")
    with pytest.raises(TemporalAway):
        await ticked(store, deals, board)
    assert board.heard == []


async def test_without_a_connection_it_waits(store: Store, deals: Deals) -> None:
    state, note = await ticked(store, deals, None)
    assert state is IntakeState.WAITING
    assert note == "board gives commands, and no connection to it is configured"
