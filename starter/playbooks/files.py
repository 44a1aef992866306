"""The files of a playbook's folder, and where they stand as somebody in this working directory opens them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starter.printing import out

if TYPE_CHECKING:
    from dealwright.diagnostics.diagnostic import Diagnostic

PLAYBOOK = "playbook.yaml"
TEMPLATES = "templates"
Folder = Annotated[Path, typer.Argument(help="The playbook's folder, with playbook.yaml and templates/.")]


def folder_of(given: Path) -> Path:
    """The folder, also where its playbook was given."""
    return given.parent if given.name == PLAYBOOK else given


def files_in(given: Path) -> dict[str, str]:
    """The files of the bundle, path within the folder to text.

    Raises:
        typer.BadParameter: the folder holds no playbook, or a file cannot be read.
    """
    folder = folder_of(given)
    if not (folder / PLAYBOOK).is_file():
        raise typer.BadParameter(f"{folder} holds no {PLAYBOOK}{_named_otherwise(folder)}")
    paths = [folder / PLAYBOOK, *sorted((folder / TEMPLATES).glob("*.md"))]
    return {path.relative_to(folder).as_posix(): text_of(path) for path in paths}


def _named_otherwise(folder: Path) -> str:
    """What to do about a playbook whose file has nearly the right name."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    near = [name for name in names if name.lower().split(".")[0] == "playbook" and name != PLAYBOOK]
    return f", but {near[0]}: rename it to {PLAYBOOK}" if near else ""


def passed_over(given: Path) -> Iterator[Diagnostic]:
    """Warnings of files that somebody takes for templates, and that are no part of the bundle."""
    from dealwright.diagnostics.diagnostic import Location, warning

    folder = folder_of(given)
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != TEMPLATES and path.name.lower() in {TEMPLATES, "template"}:
            said = warning((), f"this folder is not read: templates stand in {TEMPLATES}/", f"rename it to {TEMPLATES}")
            yield replace(said, location=Location(path.name))
    for path in sorted((folder / TEMPLATES).glob("**/*")):
        named_so = path.suffix == ".md" and path.parent == folder / TEMPLATES
        if path.is_file() and not named_so and not path.name.startswith((".", "~")) and not path.name.endswith("~"):
            remedy = f"name it {TEMPLATES}/{path.stem}.md if it is one, or take it out"
            said = warning((), "this file is no template, and nothing is read from it", remedy)
            yield replace(said, location=Location(path.relative_to(folder).as_posix()))


def beside(given: Path, name: str) -> str | None:
    """The text of a file beside the playbook that need not be there; None where it is not.

    Raises:
        typer.BadParameter: it cannot be read.
    """
    path = folder_of(given) / name
    return text_of(path) if path.is_file() else None


def text_of(path: Path) -> str:
    """The text of a file.

    Raises:
        typer.BadParameter: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise typer.BadParameter(f"{path} is no text in UTF-8: save it as one") from error


def placed(found: Iterable[Diagnostic], folder: Path) -> list[Diagnostic]:
    """The diagnostics with the path of each file."""
    told = []
    for one in found:
        at = one.location and replace(one.location, file=str(folder_of(folder) / one.location.file))
        told.append(replace(one, location=at))
    return told


def print_diagnostics(found: Iterable[Diagnostic]) -> None:
    """Print each in a line, with its severity."""
    for one in found:
        out.print(f"{one.severity}: {one}", soft_wrap=True)
