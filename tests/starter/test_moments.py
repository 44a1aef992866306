"""Times at the command line: read as people write them, or told how to write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import typer

from starter.moments import in_utc, with_its_zone


@pytest.mark.parametrize("text", ["2026-11-25T03:00:00Z", "2026-11-25T04:00+01:00", "2026-11-25 03:00Z"])
def test_a_time_is_read_with_its_zone(text: str) -> None:
    assert with_its_zone(text) == datetime(2026, 11, 25, 3, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-25", "2026-11-25T03:00"])
def test_a_time_without_its_zone_is_told_so(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="does not say in which zone: write it as 2026-11-25T03:00:00Z"):
        with_its_zone(text)


@pytest.mark.parametrize("text", ["yesterday", "25/11/2026", "2026-02-30", ""])
def test_what_is_no_time_is_told_how_to_write_one(text: str) -> None:
    for read in (with_its_zone, in_utc):
        with pytest.raises(typer.BadParameter, match="is no time: write one such as 2026-11-25"):
            read(text)


@pytest.mark.parametrize("text", ["2026-11-25", "2026-11-25T00:00", "2026-11-25 00:00", "2026-11-25T01:00+01:00"])
def test_a_day_is_its_beginning_in_utc(text: str) -> None:
    assert in_utc(text) == datetime(2026, 11, 25, tzinfo=UTC)
