"""Runs in which many deals adopt a playbook, as they are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import adoptions
from store.adoptions import AdoptingDeal, Adoption
from store.database import Store
from store.errors import UnknownAdoption
from tests.store.samples import NOW

RUN = Adoption(
    run="r1", playbook="b2b-saas", bundle="b" * 64, which={"stage": "outreach", "ids": []}, comes="now", by="ana",
    why="shorter pauses", begun_at=NOW,
)  # fmt: skip


async def test_what_became_of_each_deal_is_kept(store: Store) -> None:
    await adoptions.begin(store, RUN, ["b", "a"])
    done = AdoptingDeal(deal_id="a", state="adopted", before="a" * 64, said="The deal now follows it.")
    await adoptions.note(store, "r1", done)
    assert await adoptions.deals_of(store, "r1") == [done, AdoptingDeal(deal_id="b", state="waiting")]
    assert await adoptions.runs(store) == [(RUN, {"adopted": 1, "waiting": 1})]


async def test_the_same_command_goes_on_with_its_run_while_anything_is_left(store: Store) -> None:
    await adoptions.begin(store, RUN, ["a"])
    again = RUN.model_copy(update={"run": "r2", "begun_at": NOW + timedelta(hours=1), "why": "in other words"})

    found = await adoptions.unfinished(store, again)
    others: list[dict[str, object]] = [
        {"bundle": "c" * 64},
        {"comes": "next_stage"},
        {"which": {"stage": None, "ids": []}},
    ]
    for other in others:
        assert await adoptions.unfinished(store, again.model_copy(update=other)) is None
    await adoptions.note(store, "r1", AdoptingDeal(deal_id="a", state="refused", said="no such stage"))

    assert found == RUN
    assert await adoptions.unfinished(store, again) is None


async def test_a_run_without_deals_has_nothing_left_to_do(store: Store) -> None:
    await adoptions.begin(store, RUN, [])
    assert await adoptions.unfinished(store, RUN) is None
    assert await adoptions.find(store, "r1") == RUN


async def test_a_run_that_nobody_began_is_told_with_where_runs_are_listed(store: Store) -> None:
    with pytest.raises(UnknownAdoption, match="playbook adoptions"):
        await adoptions.find(store, "r9")
