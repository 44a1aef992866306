"""The files of a playbook's folder, as somebody names them at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from starter.playbooks.files import files_in


@pytest.mark.parametrize("name", ["playbook.yml", "Playbook.yaml", "playbook.yaml.txt", "PLAYBOOK.YML"])
def test_a_playbook_whose_file_has_nearly_the_right_name_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("playbook: x")
    with pytest.raises(typer.BadParameter, match=f"holds no playbook.yaml, but {name}: rename it to playbook.yaml"):
        files_in(tmp_path)


def test_a_folder_without_any_says_only_so(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match=r"holds no playbook\.yaml$"):
        files_in(tmp_path)
