from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.e2e.processes import BIN, running

pytestmark = pytest.mark.server


async def test_eight_deals_live_their_lives_the_count_agrees_and_a_demo_that_is_kept_ends_with_ctrl_c() -> None:
    async with running([BIN / "dealwright", "demo", "--keep"]) as process:
        await process.says("Still running. Ctrl-C stops it all; its data is deleted then.")
        mail = (await process.says(r"kept in (\S+)\n")).group(1)
        assert _is_there(mail)
        assert await process.end(signal.SIGINT) == 0, process.said[-3000:]
    told = process.said
    for wanted in (
        r"^Mailbox, Slack, HubSpot and ledger agree\.",
        r"^\(a\).*Contract term 2 begins",
        r"^\(b\).*Closed: lost",
        r"^\(c\).*Closed: unresponsive",
        r"^\(d\).*Closed: churned",
        r"^\(e\).*Closed: lost",
        r"^\(f\).*Closed: lost",
        r"^\(g\).*Play those-who-work-with-it for cam waits until .*: a colleague replied",
        r"^\(g\).*Approval deal-desk asked for .*: sales_manager$",
        r"^\(g\).*Approval deal-desk asked for .*: deal_desk → finance$",
        r"^\(g\).*Approval deal-desk: approve by finance, granted\n(?:.*\n)*?\(g\).*Task for .*: send proposal",
        r"^\(g\).*Closed: completed",
        r"^\(h\).*Stage nurture .*\n(?:.*\n)*?\(h\).*Stage outreach \(The day that they named\)",
        r"^\(h\).*Stage customer ",
        r"5 things that people did there came back, each once",
        r"^\(f\).*Handoff sdr-to-ae accepted by ana@seller\.example",
        r"^ Ana Reyes +Handoff: .* - account_executive has the deal\. \(ana@",
        r"1 message about work; 1 answer by a button",
        r"\b9 workflow runs replayed",
    ):
        assert re.search(wanted, told, re.MULTILINE), f"{wanted} is not in\n{told[-6000:]}"
    assert told.endswith("Stopping …\n")
    assert not _is_there(mail)


async def test_ctrl_c_in_the_middle_of_the_demo_stops_it_and_the_exit_code_says_so() -> None:
    async with running([BIN / "dealwright", "demo"]) as process:
        await process.says(r"(?m)^\(a\) .*Stage presentation")
        assert await process.end(signal.SIGINT) == 130
    assert "\nStopping …\n" in process.said
    assert process.said.endswith("\nStopped.\n")
    assert "Traceback" not in process.said


def _is_there(file: str) -> bool:
    return Path(file).exists()
