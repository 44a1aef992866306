"""Deals in a few words, as their journals have them."""

from __future__ import annotations

from datetime import timedelta

from dealwright.deal import Person
from store import journal
from store.database import Store
from store.deal_summaries import DealSummary, summaries_of
from tests.activities.work_desk import done, opened, task
from tests.store.samples import JANE, NOW, deal, entered

DAY = timedelta(days=1)


async def write(store: Store, *entries: object, deal_id: str = "acme-1", run: str = "r1") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, run)  # type: ignore[arg-type] # entries of any kind


async def summary(store: Store, deal_id: str = "acme-1") -> DealSummary:
    return (await summaries_of(store, [deal_id]))[deal_id]


async def test_a_summary_says_who_has_the_deal_and_what_comes_next(store: Store) -> None:
    await write(store, opened(deal()), entered(2), task(3, "t1"))
    assert await summary(store) == DealSummary(
        title="Acme platform", account="Acme GmbH", amount="12,000.00 EUR", owner="Jane Doe",
        next_action="Task is due: Call Ada", next_at=NOW + DAY, people=(JANE,),
    )  # fmt: skip


async def test_it_goes_on_with_the_journal(store: Store) -> None:
    await write(store, opened(deal()), entered(2), task(3, "t1"))
    before = await summary(store)
    assert await summary(store) == before
    await write(store, done(4, "t1"))
    after = await summary(store)
    assert after.next_action != before.next_action
    assert after.next_at == entered(2).stalls_at


async def test_lines_of_a_reset_deal_are_told_as_they_are_now(store: Store) -> None:
    """As many lines as before, with others among them."""
    await write(store, opened(deal()), entered(2), task(3, "t1"))
    await summary(store)
    await write(store, task(3, "t2", title="Write to Ada"), run="r2")
    assert (await summary(store)).next_action == "Task is due: Write to Ada"


async def test_a_deal_without_an_owner_or_a_journal_has_nothing_to_say(store: Store) -> None:
    await write(store, opened(deal("bolt-1").model_copy(update={"owners": None})), entered(2), deal_id="bolt-1")
    assert (await summary(store, "bolt-1")).owner is None
    assert await summaries_of(store, ["none-1"]) == {}
    assert await summaries_of(store, []) == {}


async def test_a_person_of_a_deal_is_found_by_address(store: Store) -> None:
    holder = Person(name="Ben", email="Ben@US.example", timezone="Europe/Berlin")
    await write(store, opened(deal().model_copy(update={"owners": {"sdr": holder}})), entered(2))
    assert (await summary(store)).person("ben@us.example") == holder
    assert (await summary(store)).person("eve@us.example") is None
