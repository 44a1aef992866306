from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.e2e.processes import BIN, dealwright, running

pytestmark = pytest.mark.server


async def test_the_demo_takes_six_deals_through_their_lives_and_its_count_agrees() -> None:
    ended = await dealwright("demo")
    assert ended.code == 0, ended.out[-3000:] + ended.err[-2000:]
    assert "Mailbox, Slack, HubSpot and ledger agree." in ended.out
    for letter, end in (
        ("b", "Closed: lost"),
        ("c", "Closed: unresponsive"),
        ("d", "Closed: churned"),
        ("e", "Closed: lost"),
        ("f", "Closed: lost"),
    ):
        assert re.search(rf"^\({letter}\).*{end}", ended.out, re.MULTILINE), f"({letter}) {end}"
    assert re.search(r"^\(a\).*Contract term 2 begins", ended.out, re.MULTILINE)
    assert "5 things that people did there came back, each once" in ended.out
    assert re.search(r"^\(f\).*Handoff sdr-to-ae accepted by ana@seller\.example", ended.out, re.MULTILINE)
    assert re.search(r"^ Ana Reyes +Handoff: .* - account_executive has the deal\. \(ana@", ended.out, re.MULTILINE)
    assert "1 message about work; 1 answer by a button" in ended.out
    assert re.search(r"\b7 workflow runs replayed", ended.out)


async def test_ctrl_c_in_the_middle_of_the_demo_stops_it_and_the_exit_code_says_so() -> None:
    async with running([BIN / "dealwright", "demo"]) as process:
        await process.says(r"(?m)^\(a\) .*2027")
        assert await process.end(signal.SIGINT) == 130
    assert "\nStopping …\n" in process.said
    assert process.said.endswith("\nStopped.\n")
    assert "Traceback" not in process.said


async def test_a_demo_that_is_kept_says_that_its_data_goes_when_ctrl_c_stops_it() -> None:
    async with running([BIN / "dealwright", "demo", "--keep"]) as process:
        await process.says("Still running. Ctrl-C stops it all; its data is deleted then.")
        mail = (await process.says(r"kept in (\S+)\n")).group(1)
        assert _is_there(mail)
        assert await process.end(signal.SIGINT) == 0
    assert process.said.endswith("Stopping …\n")
    assert not _is_there(mail)


def _is_there(file: str) -> bool:
    return Path(file).exists()
