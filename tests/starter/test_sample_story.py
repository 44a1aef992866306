"""The story in docs/policies.md is what the command prints of that life, with the lines of today."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dealwright.validation.opening import admit
from simulation.policies.watching import watch
from simulation.proving.life import Life, Opening, live
from simulation.proving.moves import Fact, Move
from simulation.proving.prover import Prover
from starter.app import run

ROOT = Path(__file__).parents[2]
FOLDER = "playbooks/b2b-saas"
UNTIL = "        until: *reached\n"
CADENCE = "- name: cold-cadence"
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
DEAL = {"id": "d", "source": "outbound", "contacts": [{"id": "c0", "name": "Contact 0", "email": "c0@buyer.example"}]}
AT_ONCE = timedelta()
THE_LIFE = Life(
    Opening(MONDAY, admit(DEAL)),
    (
        Move(AT_ONCE, Fact("lead_qualified", {"level": "mql"})),
        Move(AT_ONCE, Fact("reply_received", {"sentiment": "other", "contact": "c0"})),
    ),
    timedelta(days=14),
)


@pytest.fixture
def without_its_until(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped playbook as the page changes it, in a folder of the same name."""
    shutil.copytree(ROOT / FOLDER, tmp_path / FOLDER)
    file = tmp_path / FOLDER / "playbook.yaml"
    before, cadence, after = file.read_text().partition(CADENCE)
    assert UNTIL in after
    file.write_text(before + cadence + after.replace(UNTIL, "", 1))
    monkeypatch.chdir(tmp_path)


def that_life(prover: Prover) -> None:
    """Live the life of the page instead of one that is drawn."""
    playbook, library = prover.playbook.playbook, prover._library
    living = live(THE_LIFE, playbook, library)
    watched = watch(living.deal, [one.policy.policy for one in prover.findings])
    for found, tracker in zip(prover.findings, watched.trackers, strict=True):
        if tracker.broken is not None:
            found.note(len(living.deal.decisions), THE_LIFE)
    prover.lives += 1


@pytest.mark.usefixtures("without_its_until")
def test_the_sample_story_is_what_the_command_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Prover, "live_one", that_life)
    assert run(["playbook", "prove", FOLDER, "--lives", "1"]) == 1
    said = capsys.readouterr().out
    (told,) = re.findall(r"^BROKEN: .*?The rule: [^\n]*$", said, flags=re.MULTILINE | re.DOTALL)
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    (sample,) = re.findall(r"^```\n(BROKEN: .*?)\n```$", page, flags=re.MULTILINE | re.DOTALL)
    assert sample == told
