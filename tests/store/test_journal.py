from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from dealwright.entries import DealRefused, Entry, FactTaken, PersonRecognised
from store import finished, journal, suppression
from store.database import Store
from store.errors import JournalConflict, UnnumberedEntry
from tests.store.samples import NOW, closed, entered, fact, opened, story


async def write(store: Store, entries: Sequence[Entry], *, deal_id: str = "acme-1", run: str = "run-1") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, run)


async def test_a_deals_story_reads_in_the_order_of_its_numbers(store: Store) -> None:
    await write(store, [entered(2)])
    await write(store, [opened(), fact(3, "note_added")])
    lines = await journal.story(store, "acme-1")
    assert [(line.number, line.kind) for line in lines] == [(1, "deal_opened"), (2, "stage_entered"), (3, "fact_taken")]
    assert lines[1].sentence == "Stage outreach (the deal began)"
    assert [line.number for line in await journal.story(store, "acme-1", after=2)] == [3]


async def test_an_entry_reads_back_as_it_was_written(store: Store) -> None:
    await write(store, story())
    lines = await journal.story(store, "acme-1")
    assert [journal.ENTRY.validate_python(line.entry) for line in lines] == list(story())


async def test_writing_the_same_entries_again_changes_nothing(store: Store) -> None:
    await write(store, story())
    await write(store, [*story(), fact(4, "email_opened")])
    assert [line.number for line in await journal.story(store, "acme-1")] == [1, 2, 3, 4]


async def test_a_number_with_other_content_is_an_alarm_and_nothing_is_written(store: Store) -> None:
    await write(store, story())
    with pytest.raises(JournalConflict, match=r"acme-1: entry 2 stands .*Stage outreach.* came again as .*Stage demo"):
        await write(store, [entered(2, stage="demo"), fact(4, "email_opened")])
    assert [line.number for line in await journal.story(store, "acme-1")] == [1, 2, 3]


async def test_two_entries_of_one_number_in_one_writing_are_an_alarm(store: Store) -> None:
    with pytest.raises(JournalConflict):
        await write(store, [entered(1), entered(1, stage="demo")])


async def test_an_entry_without_a_number_is_refused(store: Store) -> None:
    with pytest.raises(UnnumberedEntry, match="fold it"):
        await write(store, [entered(1).model_copy(update={"number": None})])


async def test_another_deals_numbers_are_its_own(store: Store) -> None:
    await write(store, story())
    await write(store, story("acme-2"), deal_id="acme-2")
    assert len(await journal.story(store, "acme-2")) == 3


async def test_a_later_run_may_repeat_what_an_earlier_one_wrote(store: Store) -> None:
    await write(store, story(), run="run-1")
    await write(store, story(), run="run-2")
    assert {line.run for line in await journal.story(store, "acme-1")} == {"run-1"}


async def test_after_a_reset_the_new_run_takes_the_place_of_the_lines_it_undid(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await write(store, [opened(), entered(2), entered(3, stage="demo"), closed(4)], run="run-1")
    later = NOW + timedelta(hours=1)
    await write(store, [entered(2), entered(3, stage="proposal", at=later)], run="run-2")
    lines = await journal.story(store, "acme-1")
    assert [(line.number, line.sentence.split(" (")[0]) for line in lines] == [
        (1, "Deal opened"), (2, "Stage outreach"), (3, "Stage proposal"),
    ]  # fmt: skip
    assert [line.number for line in await journal.undone(store, "acme-1")] == [3, 4]
    assert "run run-2 begins again at entry 3; 2 lines are set aside" in caplog.text


async def test_a_run_that_was_reset_and_still_writes_changes_nothing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await write(store, [opened(), entered(2)], run="run-1")
    await write(store, [entered(2, stage="proposal")], run="run-2")
    await write(store, [entered(2), closed(3)], run="run-1")
    assert (await journal.story(store, "acme-1"))[1].run == "run-2"
    assert "a run that was reset still writes" in caplog.text


async def test_writings_at_the_same_time_write_each_entry_once(store: Store) -> None:
    await asyncio.gather(*(write(store, story()) for _ in range(10)))
    assert len(await journal.story(store, "acme-1")) == 3


async def test_whoever_watches_sees_what_was_written_since(store: Store) -> None:
    assert await journal.last(store) == 0
    await write(store, story())
    seen = await journal.last(store)
    await write(store, [opened("acme-2")], deal_id="acme-2")
    assert [(line.deal_id, line.number) for line in await journal.since(store, seen)] == [("acme-2", 1)]
    assert await journal.counts(store) == {"deal_opened": 2, "stage_entered": 1, "fact_taken": 1}


async def test_a_deal_that_is_closed_is_finished_for_good(store: Store) -> None:
    assert await finished.finished(store, "acme-1") is None
    await write(store, [closed(1)])
    await write(store, [closed(1)])
    end = await finished.finished(store, "acme-1")
    assert end is not None
    assert (end.outcome, end.closed_at) == ("lost", NOW)


async def test_an_opening_that_was_refused_is_no_story_and_leaves_the_id_free(store: Store) -> None:
    refusal = DealRefused(at=NOW, number=1, error="The currency 'EUX' is none")
    await write(store, [refusal])
    await write(store, [refusal])
    assert await journal.story(store, "acme-1") == []
    assert [(found.deal_id, found.error) for found in await journal.refusals_since(store)] == [
        ("acme-1", refusal.error)
    ]
    assert await journal.refusals_since(store, since=NOW + timedelta(days=1)) == []
    await write(store, story())
    assert len(await journal.story(store, "acme-1")) == 3


@pytest.mark.parametrize(
    "told",
    [
        fact(3, "opted_out", address="Ada@acme.test"),
        fact(3, "email_bounced", variant="hard", contact="ada", address="Ada@acme.test"),
    ],
)
async def test_who_opts_out_or_bounces_gets_no_marketing_from_any_deal(store: Store, told: Entry) -> None:
    await write(store, [told])  # before the opening, which an effect may still carry
    listed = await suppression.suppressed(store, "ADA@ACME.TEST")
    assert listed is not None
    assert (listed.deal_id, listed.since) == ("acme-1", NOW)


@pytest.mark.parametrize(
    "told",
    [
        fact(2, "email_bounced", variant="soft", address="ada@acme.test"),
        fact(2, "reply_received", address="ada@acme.test"),
        fact(2, "opted_out", contact="eve"),
    ],
)
async def test_anything_else_suppresses_nobody(store: Store, told: Entry) -> None:
    await write(store, [opened(), told])
    assert await suppression.suppressed(store, "ada@acme.test") is None


@pytest.mark.parametrize(("contact", "address"), [(None, "Ada@Acme.test"), ("bob", "bob@acme.test"), ("eve", None)])
async def test_a_late_opt_out_silences_the_address_that_the_deals_story_names(
    store: Store, contact: str | None, address: str | None
) -> None:
    await write(store, [opened(), entered(2)])
    found = await journal.suppress_addresses(
        store, "acme-1", FactTaken(at=NOW, fact="opted_out", happened_at=NOW, contact=contact)
    )
    assert found == address
    listed = [each for each in ("Ada@Acme.test", "bob@acme.test") if await suppression.suppressed(store, each)]
    assert listed == ([address] if address else [])


@pytest.mark.parametrize("address", ["eve@acme.test", "BOB@acme.test"])
async def test_a_late_opt_out_silences_the_address_that_it_names(store: Store, address: str) -> None:
    await write(store, [opened(), entered(2)])
    late = FactTaken(at=NOW, fact="opted_out", happened_at=NOW, contact="nobody", address=address)
    assert await journal.suppress_addresses(store, "acme-1", late) == address
    assert await suppression.suppressed(store, address) is not None


async def test_all_addresses_that_an_opt_out_is_about_are_suppressed(store: Store) -> None:
    await write(store, [fact(2, "opted_out", address="Ada@acme.test", addresses=["ada@acme.test", "bob@acme.test"])])
    assert await suppression.suppressed(store, "ada@acme.test") is not None
    assert await suppression.suppressed(store, "bob@acme.test") is not None


async def test_whoever_opted_out_is_suppressed_once_a_deal_knows_them(store: Store) -> None:
    known = PersonRecognised(
        at=NOW + timedelta(days=1), number=3, point="opted_out:eve", contact="eve", opted_out_at=NOW,
        addresses=("eve@acme.test",),
    )  # fmt: skip
    await write(store, [known])
    listed = await suppression.suppressed(store, "eve@acme.test")
    assert listed is not None
    assert (listed.reason, listed.since) == ("opted out, told by deal acme-1", NOW)
    assert await suppression.bounced(store, "eve@acme.test") is None


async def test_an_entry_that_holds_what_json_cannot_is_kept_and_may_come_again(store: Store) -> None:
    odd = fact(1, "note_added", note="a\x00b", learned={"score": float("nan")})
    await write(store, [odd])
    await write(store, [odd])
    (line,) = await journal.story(store, "acme-1")
    assert (line.entry["note"], line.entry["learned"]) == ("a\ufffdb", {"score": None})
    assert "\x00" not in line.sentence
