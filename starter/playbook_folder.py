"""A playbook's folder on this machine, read as the files of its bundle."""

from __future__ import annotations

from pathlib import Path

import typer

PLAYBOOK = "playbook.yaml"


def folder_of(given: Path) -> Path:
    """The folder itself, also where its ``playbook.yaml`` was named."""
    return given.parent if given.name == PLAYBOOK else given


def files_in(given: Path) -> dict[str, str]:
    """The texts of the files that make the bundle, by their paths within it.

    Raises:
        BadParameter: there is no playbook, or a file cannot be read.
    """
    folder = folder_of(given)
    if not (folder / PLAYBOOK).is_file():
        raise typer.BadParameter(f"{folder} holds no {PLAYBOOK}")
    paths = [folder / PLAYBOOK, *sorted((folder / "templates").glob("*.md"))]
    return {path.relative_to(folder).as_posix(): _text(path) for path in paths}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise typer.BadParameter(f"{path} is no text in UTF-8: save it as one") from error
