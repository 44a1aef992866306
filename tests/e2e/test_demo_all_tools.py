from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import pytest

from demo.all_tools.books import title_of
from demo.all_tools.tools import CANNOT, PARTS
from tests.e2e.processes import BIN, dealwright, running

pytestmark = pytest.mark.server


async def test_deals_go_through_all_tools_though_each_webhook_comes_twice_and_all_books_agree() -> None:
    ended = await dealwright("demo", "--all-tools")

    assert ended.code == 0, ended.out[-6000:] + ended.err
    books = ended.out[ended.out.index("The books") :]
    for part in PARTS:
        name = re.escape(f"{title_of(part.tool)} ({part.does})")
        assert re.search(rf"^ {name} .* agrees\s*$", books, re.MULTILINE), books
    assert re.findall(r"^(.+) took no part: ", books, re.MULTILINE) == [title_of(tool) for tool in CANNOT]
    for wanted in (
        "Suggestion accepted by Sam Holt: Send the price list",
        "Approval discount: approve by max@seller.example, granted",
        "Stage customer (contract signed)",
        "Contract term 2 begins",
        "Payment failed",
        "Task cancelled: get it paid - unpaid stopped: invoice paid",
        "Forecast given: commit",
        "Reply received: other - Re: hello",
        "Lead qualified: sql",
        "Call logged: no_answer",
        "Email opened",
        "Email bounced: soft - 451 4.7.1 Try again later",
        "Post to warehouse: done",
        "Note added",
        "in the installation deals-in-salesforce",
        "in the installation deals-in-pipedrive",
        "All books agree.",
    ):
        assert wanted in ended.out
    assert "DIFFERS" not in books


async def test_ctrl_c_while_several_installations_live_leaves_no_process_behind(tmp_path: Path) -> None:
    async with running([BIN / "dealwright", "demo", "--all-tools", "--data", str(tmp_path)]) as process:
        await process.says(r"(?m)^\([cd]\) .*Stage lead")
        assert await process.end(signal.SIGINT) == 130, process.said[-3000:]
    assert process.said.endswith("\nStopped.\n")
    assert "Traceback" not in process.said
    assert [one for one in commands_that_run() if str(tmp_path) in one] == []


def commands_that_run() -> list[str]:
    return subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout.splitlines()
