from __future__ import annotations

import re

import pytest

from demo.all_tools.tools import PARTS, not_there
from tests.e2e.processes import dealwright

pytestmark = pytest.mark.server


async def test_two_deals_go_through_all_tools_though_each_webhook_comes_twice_and_all_books_agree() -> None:
    ended = await dealwright("demo", "--all-tools")

    assert ended.code == 0, ended.out[-6000:] + ended.err
    books = ended.out[ended.out.index("The books") :]
    for part in PARTS:
        assert re.search(rf"^ {part.tool} \({re.escape(part.does)}\) .* agrees\s*$", books, re.MULTILINE), books
    for absent in not_there():
        assert f"\n{absent} took no part: " in books
    for wanted in (
        "Suggestion accepted by Sam Holt: Send the price list",
        "Approval discount: approve by max@seller.example, granted",
        "Stage customer (contract signed)",
        "Contract term 2 begins",
        "Payment failed",
        "Task cancelled: get it paid - unpaid stopped: invoice paid",
        "Forecast given: commit",
        "Reply received: other - Re: hello",
        "All books agree.",
    ):
        assert wanted in ended.out
    assert "DIFFERS" not in books
