"""``playbook test`` and ``playbook try`` on a terminal and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from starter.app import run
from tests.simulation.playbook_tests.tiny import TEXT

TESTS = """
- name: a message comes at once
  then: {email: hello, at: 2026-03-02}
- name: nobody is called
  then: {never: {task: call}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A playbook's folder with one test that holds and one that does not."""
    (tmp_path / "playbook.yaml").write_text(TEXT)
    (tmp_path / "templates").mkdir()
    for name in ("hello", "again", "recap"):
        (tmp_path / "templates" / f"{name}.md").write_text("Subject: Hello\n\nHello {{ contact.name }}\n")
    (tmp_path / "tests.yaml").write_text(TESTS)
    return tmp_path


def test_a_red_test_says_what_happened_instead_and_which_line_did_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["playbook", "test", str(folder)]) == 1

    said = capsys.readouterr().out
    assert "ok    a message comes at once\nFAIL  nobody is called\n" in said
    assert f"FAIL: nobody is called ({folder}/tests.yaml:4)" in said
    assert f"{folder}/tests.yaml:5: never task call: it happened" in said
    assert "Wed 04 Mar 2026 09:00  task call for rep, due Thu 05 Mar 2026 09:00" in said
    assert f"cadence, step 2 ({folder}/playbook.yaml:20)" in said
    assert "1 passed, 1 failed in" in said


def test_tests_are_chosen_by_words_of_their_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "test", str(folder), "-k", "MESSAGE comes"]) == 0
    assert "1 passed, 0 failed" in capsys.readouterr().out
    assert run(["playbook", "test", str(folder), "-k", "nothing like it"]) == 2


def test_programs_get_the_failures_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "test", str(folder), "--json"]) == 1

    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["passed"], told["failed"]) == (False, 1, 1)
    (failure,) = told["tests"][1]["failures"]
    assert failure["line"] == 5
    assert failure["instead"][0] | {"kind": "task", "play": "cadence", "step": 2, "line": 20} == failure["instead"][0]


@pytest.mark.parametrize("command", ["test", "try"])
def test_a_mistake_in_a_file_is_told_and_nothing_is_run(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (folder / "tests.yaml").write_text("- {name: it, then: {email: helo}}\n")

    assert run(["playbook", command, str(folder), *(["--test", "it"] if command == "try" else [])]) == 2
    assert "There is no template 'helo'. Did you mean 'hello'?" in capsys.readouterr().out


def test_a_playbook_with_a_mistake_is_not_tested(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "playbook.yaml").write_text(TEXT.replace("until: reply_received", "until: reply_receved"))

    assert run(["playbook", "test", str(folder), "--json"]) == 2
    (wrong,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert (wrong["file"], wrong["line"]) == (f"{folder}/playbook.yaml", 17)


def test_check_reads_the_tests_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "check", str(folder)]) == 0
    (folder / "tests.yaml").write_text("- {name: it, then: {email: helo}}\n")
    capsys.readouterr()

    assert run(["playbook", "check", str(folder)]) == 1
    assert f"error: {folder}/tests.yaml:1: [0].then.email: There is no template 'helo'." in capsys.readouterr().out


def test_a_timeline_says_when_what_and_by_which_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "try", str(folder), "--until", "2026-03-05"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Mon 02 Mar 2026 09:00  the deal is opened (no source)"
    assert lines[1].startswith("Mon 02 Mar 2026 09:00  stage first (the deal was opened)")
    assert lines[2].startswith("Mon 02 Mar 2026 09:00  email hello to Ana   ")
    assert lines[2].endswith(f"  cadence, step 1 ({folder}/playbook.yaml:19)")
    assert lines[-1] == "The deal goes on after Fri 06 Mar 2026 00:00."


def test_a_timeline_follows_the_facts_of_a_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "facts.yaml").write_text("when: [{+1h: deal_lost}, {+1h: {accept_handoff: nobody}}]\n")

    assert run(["playbook", "try", str(folder), "--facts", str(tmp_path / "facts.yaml")]) == 2
    (tmp_path / "facts.yaml").write_text("when: [{+1h: deal_lost}, {+1h: {pause: }}]\n")
    capsys.readouterr()
    assert run(["playbook", "try", str(folder), "--facts", str(tmp_path / "facts.yaml")]) == 0

    said = capsys.readouterr().out
    assert "closed lost (deal lost)" in said
    assert "facts.yaml:1: pause: the deal did not take it: The deal was closed before (lost)." in said


def test_a_timeline_of_a_test_is_given_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "try", str(folder), "--test", "nobody is called", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)["timeline"]
    (hello,) = [one for one in told if one["kind"] == "email"]
    assert hello | {"name": "hello", "at": "2026-03-02T09:00:00+01:00", "to": "ana", "marketing": True} == hello


def test_a_test_that_is_not_there_is_suggested(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "try", str(folder), "--test", "nobody is caled"]) == 2
    assert "nobody is called" in " ".join(capsys.readouterr().err.replace("│", " ").split())
