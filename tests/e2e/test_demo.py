from __future__ import annotations

import re

import pytest

from tests.e2e.processes import dealwright

pytestmark = pytest.mark.server


async def test_the_demo_takes_five_deals_through_their_lives_and_its_count_agrees() -> None:
    ended = await dealwright("demo")
    assert ended.code == 0, ended.out[-3000:] + ended.err[-2000:]
    assert "Mailbox and ledger agree." in ended.out
    for letter, end in (
        ("b", "Closed: lost"),
        ("c", "Closed: unresponsive"),
        ("d", "Closed: churned"),
        ("e", "Closed: lost"),
    ):
        assert re.search(rf"^\({letter}\).*{end}", ended.out, re.MULTILINE), f"({letter}) {end}"
    assert re.search(r"^\(a\).*Contract term 2 begins", ended.out, re.MULTILINE)
    assert re.search(r"\b6 runs replayed", ended.out)
