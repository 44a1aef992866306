from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.kit.retry_after import LONGEST, retry_after

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 1.5 ", timedelta(seconds=1.5)),
        ("Thu, 26 Nov 2026 09:05:00 GMT", timedelta(minutes=5)),
        ("2026-11-26T09:10:00Z", timedelta(minutes=10)),
        ("2026-11-26T10:10:00+01:00", timedelta(minutes=10)),
        ("2026-11-26T09:10:00", timedelta(minutes=10)),
        ("0", timedelta(0)),
        ("-3", timedelta(0)),
        ("Thu, 26 Nov 2026 08:00:00 GMT", timedelta(0)),
    ],
)
def test_a_wait_is_read_as_tools_write_it(text: str, wait: timedelta) -> None:
    assert retry_after(text, NOW) == wait


@pytest.mark.parametrize("text", [None, "", "soon", "nan", "inf", "Thu, 99 Nov 2026"])
def test_what_says_nothing_is_no_wait(text: str | None) -> None:
    assert retry_after(text, NOW) is None


@pytest.mark.parametrize("text", ["1e300", "9999999", "2099-01-01T00:00:00Z"])
def test_no_wait_is_longer_than_a_day(text: str) -> None:
    assert retry_after(text, NOW) == LONGEST
