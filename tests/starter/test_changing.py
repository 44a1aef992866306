"""Which deals a change is about, and at which rate it comes to them."""

from __future__ import annotations

import asyncio

import pytest
import typer

from dealwright.impact.change import Change, Impact
from starter.changing.impacts import counted_by_kind, counted_refusals
from starter.changing.pace import Rate, at_a_rate, read_rate
from starter.changing.which_deals import WhichDeals, read_which


@pytest.mark.parametrize(
    ("told", "which"),
    [
        (["all"], WhichDeals("p")),
        (["stage=proposal"], WhichDeals("p", stage="proposal")),
        (["a", "b", "a"], WhichDeals("p", ids=("a", "b"))),
        (["a,b c"], WhichDeals("p", ids=("a", "b", "c"))),
    ],
)
def test_deals_are_all_those_of_a_stage_or_those_named(told: list[str], which: WhichDeals) -> None:
    assert read_which(told, "p") == which


@pytest.mark.parametrize("told", [[], [""], ["all", "a"], ["stage=a", "b"], ["stage="], ["stage=a", "stage=b"]])
def test_what_could_mean_two_things_is_refused(told: list[str]) -> None:
    with pytest.raises(typer.BadParameter, match="stage=NAME"):
        read_which(told, "p")


@pytest.mark.parametrize(("text", "apart"), [("10/s", 0.1), ("600/m", 0.1), ("36000/h", 0.1), ("1 / s", 1)])
def test_a_rate_says_how_many_in_which_time(text: str, apart: float) -> None:
    assert read_rate(text).apart == pytest.approx(apart)


@pytest.mark.parametrize("text", ["", "10", "0/s", "10/d", "-1/s", "1.5/s"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="600/m"):
        read_rate(text)


async def test_work_begins_no_faster_than_the_rate_and_every_item_is_done_once() -> None:
    clock, begun = asyncio.get_running_loop().time, list[float]()

    async def work(item: int) -> int:
        begun.append(clock())
        return item

    done = [item async for item in at_a_rate(range(8), Rate(100, 1), work)]

    assert sorted(done) == list(range(8))
    assert begun[-1] - begun[0] >= 0.07 - 0.001


async def test_slow_answers_do_not_pile_up_without_end() -> None:
    under_way, most, let_go = 0, 0, asyncio.Event()

    async def work(item: int) -> int:
        nonlocal under_way, most
        under_way, most = under_way + 1, max(most, under_way + 1)
        if under_way == 16:
            let_go.set()
        await let_go.wait()
        under_way -= 1
        return item

    assert len([item async for item in at_a_rate(range(40), Rate(100_000, 1), work)]) == 40
    assert most == 16


async def test_nothing_more_is_begun_once_one_fails() -> None:
    begun = list[int]()

    async def work(item: int) -> int:
        begun.append(item)
        if item == 2:
            raise ValueError("no")
        return item

    with pytest.raises(ValueError, match="no"):
        [item async for item in at_a_rate(range(1000), Rate(1000, 1), work)]
    assert len(begun) < 30


def test_changes_are_counted_by_kind_with_the_deals_that_they_are_in() -> None:
    moved, begun = Change(kind="touch", what="moved", name="two"), Change(kind="play", what="begun", name="x")
    found = [
        Impact(deal_id="a", changes=(moved, moved)),
        Impact(deal_id="b", changes=(moved, begun)),
        Impact(deal_id="c", cannot="no such stage"),
    ]
    assert counted_by_kind(found) == [
        {"kind": "play", "what": "begun", "name": "x", "changes": 1, "deals": 1},
        {"kind": "touch", "what": "moved", "name": "two", "changes": 3, "deals": 2},
    ]
    assert counted_refusals(found) == {"no such stage": 1}
