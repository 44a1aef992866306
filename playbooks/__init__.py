"""The playbooks that ship with Dealwright, as data in the wheel.

How a playbook is read and checked belongs into ``dealwright.playbook``.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def shipped() -> dict[str, dict[str, str]]:
    """Each shipped playbook's bundle by its name: the files of the bundle, path to text."""
    return {
        folder.name: dict(_files(folder))
        for folder in sorted(files(__name__).iterdir(), key=lambda entry: entry.name)
        if folder.joinpath("playbook.yaml").is_file()
    }


def _files(folder: Traversable, within: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{within}{entry.name}"
        if entry.is_dir():
            found += _files(entry, f"{path}/")
        elif path == "playbook.yaml" or path.endswith(".md"):
            found.append((path, entry.read_text(encoding="utf-8")))
    return found
