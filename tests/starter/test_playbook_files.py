"""The files of a playbook's folder, as somebody names them at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from starter.playbooks.files import files_in, passed_over


@pytest.mark.parametrize("name", ["playbook.yml", "Playbook.yaml", "playbook.yaml.txt", "PLAYBOOK.YML"])
def test_a_playbook_whose_file_has_nearly_the_right_name_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("playbook: x")
    with pytest.raises(typer.BadParameter, match=f"holds no playbook.yaml, but {name}: rename it to playbook.yaml"):
        files_in(tmp_path)


def test_a_folder_without_any_says_only_so(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match=r"holds no playbook\.yaml$"):
        files_in(tmp_path)


NO_TEMPLATE = (
    "This file is no template, and nothing is read from it. Name it templates/again.md if it is one, or take it out."
)
NO_FOLDER = "This folder is not read: templates stand in templates/. Rename it to templates."


@pytest.mark.parametrize(
    ("name", "where", "said"),
    [
        ("templates/again.txt", "templates/again.txt", NO_TEMPLATE),
        ("templates/old/again.md", "templates/old/again.md", NO_TEMPLATE),
        ("Templates/again.md", "Templates", NO_FOLDER),
    ],
)
def test_what_somebody_takes_for_a_template_is_warned_of(tmp_path: Path, name: str, where: str, said: str) -> None:
    (tmp_path / "playbook.yaml").write_text("playbook: x")
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("Subject: Again")
    (warned,) = passed_over(tmp_path)
    assert (str(warned), warned.severity) == (f"{where}:1: {said}", "warning")


@pytest.mark.parametrize("name", ["templates/again.md", "templates/.again.md.swp", "templates/again.md~", "notes.txt"])
def test_templates_and_the_files_of_editors_are_not_warned_of(tmp_path: Path, name: str) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / name).write_text("Subject: Again")
    assert list(passed_over(tmp_path)) == []
