"""Reading a playbook from its text: the model, or everything that is wrong, each with its line and what to write."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from deals.playbook.mistakes import BadPlaybook, Finding, Mistake, as_text
from deals.playbook.model import Playbook
from deals.playbook.refusals import refusals
from deals.playbook.written import Written, read_yaml

FILE = "playbook.yaml"
"""The playbook's name within its bundle."""


def load_playbook(text: str, *, file: str = FILE) -> Playbook:
    """Read a playbook from YAML. ``file`` is what the mistakes call it.

    Raises:
        BadPlaybook: it cannot be used; its ``mistakes`` say everything that is wrong and where.
    """
    playbook, written = read_playbook(text, file)
    if playbook is None or written.mistakes:
        raise BadPlaybook(in_order(written.mistakes))
    return playbook


def read_playbook(text: str, file: str) -> tuple[Playbook | None, Written]:
    """Read a playbook as far as it goes: the mistakes are in what was written, and without any there is a playbook.

    Raises:
        BadPlaybook: the text is no YAML.
    """
    written = read_yaml(text, file)
    if not isinstance(written.data, dict):
        what = "empty" if written.data is None else "no mapping"
        written.note((), f"the playbook is {what}", "begin with: playbook: <name>, then roles: and stages:")
        return None, written
    try:
        playbook = Playbook.model_validate(written.data)
    except ValidationError as error:
        for refusal in refusals(error, written.data):
            at = written.position(refusal.place, of_key=refusal.of_key)
            written.note(refusal.place, refusal.problem, refusal.remedy, at)
        return None, written
    return playbook, written


def locate(finding: Finding, written: Written) -> Mistake:
    """A finding with its line."""
    at = written.position(finding.place)
    place = as_text(finding.place)
    return Mistake(written.file, at.line, at.column, place, finding.problem, finding.remedy, finding.severity)


def in_order(mistakes: list[Mistake]) -> tuple[Mistake, ...]:
    """Mistakes from the top of the file to its end, each once."""
    return tuple(sorted(dict.fromkeys(mistakes), key=lambda mistake: (mistake.file, mistake.line, mistake.column)))


def load_bundle(files: Mapping[str, str]) -> Playbook:
    """Read a bundle (path to text): its playbook, checked together with its templates.

    Raises:
        BadPlaybook: it cannot be used; its ``mistakes`` say everything that is wrong and where.
    """
    return load_playbook(files[FILE])
