"""The results of experiments, counted from the journal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dealwright.entries import Entry, ExperimentExposed
from store import journal
from store.database import Store
from store.experiments import results
from tests.store.samples import NOW, closed, entered, fact, opened


def exposed(number: int, arm: str, experiment: str = "subject") -> ExperimentExposed:
    return ExperimentExposed(at=NOW, number=number, experiment=experiment, arm=arm, stage="outreach", play="cold")


async def fill(store: Store, deal_id: str, *entries: Entry) -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, [opened(deal_id), *entries], "r1")


@pytest.fixture
async def filled(store: Store) -> Store:
    """Four exposed deals, and one that was not."""
    later = NOW + timedelta(days=1)
    await fill(store, "a", exposed(2, "control"), fact(3, "reply_received", happened_at=later))
    await fill(store, "b", exposed(2, "control"), closed(3))
    won = entered(3, "close").model_copy(update={"marks": "won"})
    await fill(store, "c", exposed(2, "question"), won, fact(4, "reply_received"), fact(5, "reply_received"))
    before = NOW - timedelta(days=1)
    await fill(
        store, "d", exposed(2, "question"), exposed(3, "x", "other"), fact(4, "reply_received", happened_at=before)
    )
    await fill(store, "e", fact(2, "reply_received"))
    return store


async def test_each_arm_has_its_deals_and_how_they_ended(filled: Store) -> None:
    told = [(one.arm, one.exposed, one.won, one.open, one.ended) for one in await results(filled, "subject")]

    assert told == [("control", 2, 0, 1, {"lost": 1}), ("question", 2, 1, 2, {})]


async def test_a_fact_counts_once_for_a_deal_and_only_from_its_exposure_on(filled: Store) -> None:
    told = {one.arm: one.facts for one in await results(filled, "subject", facts=("reply_received", "demo_held"))}

    assert told == {
        "control": {"reply_received": 1, "demo_held": 0},
        "question": {"reply_received": 1, "demo_held": 0},
    }


async def test_without_a_name_all_experiments_are_told(filled: Store) -> None:
    assert [(one.experiment, one.arm) for one in await results(filled)] == [
        ("other", "x"), ("subject", "control"), ("subject", "question"),
    ]  # fmt: skip


async def test_a_deal_that_was_won_before_its_exposure_is_not_won_by_it(store: Store) -> None:
    await fill(store, "a", entered(2, "close").model_copy(update={"marks": "won"}), exposed(3, "control"))

    assert [one.won for one in await results(store)] == [0]
