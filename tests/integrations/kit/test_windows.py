"""Reading what changed in a stretch of time: from its beginning, page by page, and with an overlap of the last one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from integrations.kit.webhook_look import look
from integrations.kit.windows import OVERLAP, Window, read_window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


class Listing:
    """A tool's list of so many changes, and which stretches of it were read."""

    def __init__(self, count: int) -> None:
        self.changes, self.read = list(range(count)), list[Window]()

    async def __call__(self, window: Window) -> Sequence[int]:
        self.read.append(window)
        return self.changes[window.start : window.start + 2]


async def read_all(listing: Listing, cursor: str, now: datetime) -> tuple[list[int], str]:
    found, more = list[int](), True
    while more:
        page = await read_window(cursor, now, 2, listing)
        found, cursor, more = [*found, *page.found], page.cursor, page.more
    return found, cursor


async def begun() -> str:
    return (await read_window(None, NOON, 2, Listing(9))).cursor


async def test_what_was_there_before_the_first_reading_is_no_news() -> None:
    listing = Listing(9)

    page = await read_window(None, NOON, 2, listing)

    assert (page.found, page.more, listing.read) == ((), False, [])


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
async def test_a_stretch_is_read_to_its_end_and_then_the_next_one_begins(count: int) -> None:
    listing = Listing(count)

    found, cursor = await read_all(listing, await begun(), LATER)
    again, _ = await read_all(listing, cursor, LATER + timedelta(hours=1))

    assert found == again == listing.changes
    assert {one.since for one in listing.read} == {NOON - OVERLAP, LATER - OVERLAP}


async def test_all_pages_are_of_the_stretch_that_was_begun_however_late_they_are_read() -> None:
    listing = Listing(4)
    first = await read_window(await begun(), LATER, 2, listing)

    await read_window(first.cursor, LATER + timedelta(hours=5), 2, listing)

    assert [(one.since, one.until, one.start) for one in listing.read] == [
        (NOON - OVERLAP, LATER, 0), (NOON - OVERLAP, LATER, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("cursor", ["", "7", '{"since": "soon"}', '{"since": "2026-03-02T12:00:00"}'])
async def test_what_is_no_cursor_begins_with_the_overlap(cursor: str) -> None:
    listing = Listing(0)

    await read_window(cursor, LATER, 2, listing)

    assert [(one.since, one.until) for one in listing.read] == [(LATER - OVERLAP, LATER)]


@pytest.mark.parametrize(
    ("url", "lacking", "level", "says"),
    [
        (None, [], "warning", "nobody looks at it"),
        ("https://a", [], "problem", "there is none to this webhook_url"),
        ("https://a", [["the trigger sent", "its signature"]], "problem", "it lacks the trigger sent, its signature"),
        ("https://a", [["its signature"], []], "ok", "it tells what we need"),
    ],
)
def test_the_look_at_a_subscription_says_how_it_is(
    url: str | None, lacking: list[list[str]], level: str, says: str
) -> None:
    found = look("webhook subscription", url, lacking)

    assert (found.level, found.says, bool(found.remedy)) == (level, says, level != "ok")
