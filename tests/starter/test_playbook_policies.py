"""``playbook prove`` on a terminal and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulation.proving.prover import Prover
from starter.app import run
from tests.simulation.playbook_tests.tiny import TEXT

POLICIES = """
- name: nobody is written to
  never: {email: any}
- name: somebody always has the next step
  always: next_step
- name: nobody churns
  never: {closed: churned}
"""
FEW = ["--lives", "20"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A playbook's folder with a policy that is broken, one that holds, and one that no life comes to."""
    (tmp_path / "playbook.yaml").write_text(TEXT)
    (tmp_path / "templates").mkdir()
    for name in ("hello", "again", "recap"):
        (tmp_path / "templates" / f"{name}.md").write_text("Subject: Hello\n\nHello {{ contact.name }}\n")
    (tmp_path / "policies.yaml").write_text(POLICIES)
    return tmp_path


def test_a_broken_policy_is_told_as_a_story_with_both_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "prove", str(folder), *FEW]) == 1

    said = capsys.readouterr().out
    assert "held    somebody always has the next step (tried in 20)\n" in said
    assert "untried nobody churns (no life came to it)\n" in said
    assert f"BROKEN: nobody is written to ({folder}/policies.yaml:2)\n" in said
    assert "   1  Mon 02 Mar 2026 10:00  A deal from" in said
    assert f"  The rule: cadence, step 1 ({folder}/playbook.yaml:" in said
    assert "1 held, 1 broken, 1 never tried in 20 lives (seed 0," in said


def test_programs_get_the_story_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "prove", str(folder), *FEW, "--json", "--seed", "3"]) == 1

    told = json.loads(capsys.readouterr().out)
    broken, held, untried = told["policies"]
    assert (told["ok"], told["lives"], told["seed"]) == (False, 20, 3)
    assert (broken["held"], broken["line"], broken["story"]["rule"]["name"]) == (False, 2, "cadence, step 1")
    assert broken["story"]["steps"][-1]["what"].startswith("email hello to ")
    assert (held["held"], held["tried_in"], held["story"]) == (True, 20, None)
    assert (untried["held"], untried["tried_in"]) == (True, 0)


def test_what_is_stopped_says_how_far_it_came(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live_one = Prover.live_one

    def interrupted(self: Prover) -> None:
        if self.lives == 7:
            raise KeyboardInterrupt
        live_one(self)

    monkeypatch.setattr(Prover, "live_one", interrupted)
    assert run(["playbook", "prove", str(folder)]) == 130
    assert "in 7 of 2,000 lives, then stopped (seed 0," in capsys.readouterr().out


def test_a_mistake_in_the_file_is_told_and_nothing_is_lived(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "policies.yaml").write_text("- name: one\n  never: {emial: any}\n")

    assert run(["playbook", "prove", str(folder)]) == 2
    assert f"error: {folder}/policies.yaml:2: [0].never.emial: 'emial' is no fact" in capsys.readouterr().out
    assert run(["playbook", "check", str(folder)]) == 1
    assert "Did you mean 'email'?" in capsys.readouterr().out


def test_a_folder_without_policies_is_wrongly_called(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "policies.yaml").unlink()

    assert run(["playbook", "prove", str(folder)]) == 2
    said = capsys.readouterr().err.replace("│", " ")  # in a box, whose lines break where the folder's name is long
    assert "holds no policies.yaml" in " ".join(said.split())
