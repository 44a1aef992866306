"""Reading a playbook from its text: the model, or everything that is wrong, each with its line and what to write."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from dealwright.playbook.checks.check import check_playbook
from dealwright.playbook.checks.templates import check_templates
from dealwright.playbook.diagnostics import BadPlaybook, Mistake, as_text
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.source.bundle import PLAYBOOK, too_large
from dealwright.playbook.source.yaml_source import Written, read_yaml
from dealwright.playbook.validation_errors import refusals


def load_playbook(text: str, *, file: str = PLAYBOOK) -> Playbook:
    """Read a playbook from YAML. ``file`` is what the mistakes call it.

    Raises:
        BadPlaybook: it cannot be used; its ``mistakes`` say everything that is wrong and where.
    """
    playbook, mistakes = _read({PLAYBOOK: text}, file, with_templates=False)
    return _unless_wrong(playbook, mistakes)


def load_bundle(files: Mapping[str, str], *, file: str = PLAYBOOK) -> Playbook:
    """Read a bundle (path to text): its playbook, checked together with its templates. Needs Jinja.

    Raises:
        BadPlaybook: it cannot be used; its ``mistakes`` say everything that is wrong and where.
    """
    playbook, mistakes = _read(files, file, with_templates=True)
    return _unless_wrong(playbook, mistakes)


def load_pinned(files: Mapping[str, str]) -> Playbook:
    """Read a bundle that deals already follow, without the checks it passed when it was published.

    A later release may check more; the deals in flight go on under the rules they began with.

    Raises:
        BadPlaybook: it cannot be read at all.
    """
    mistakes: list[Mistake] = []
    playbook = _modelled(read_yaml(files.get(PLAYBOOK, ""), PLAYBOOK), mistakes)
    return _unless_wrong(playbook, tuple(mistakes))


def check_bundle(files: Mapping[str, str], *, file: str = PLAYBOOK) -> tuple[Mistake, ...]:
    """Everything that is wrong with a bundle, or hardly meant so (``severity`` tells), in the files' order."""
    return _read(files, file, with_templates=True)[1]


def _unless_wrong(playbook: Playbook | None, mistakes: tuple[Mistake, ...]) -> Playbook:
    errors = tuple(mistake for mistake in mistakes if mistake.severity == "error")
    if playbook is None or errors:
        raise BadPlaybook(errors)
    return playbook


def _read(files: Mapping[str, str], file: str, *, with_templates: bool) -> tuple[Playbook | None, tuple[Mistake, ...]]:
    if PLAYBOOK not in files:
        missing = Mistake(file, 1, 1, "", f"the bundle has no {PLAYBOOK}", f"put the playbook into {PLAYBOOK}")
        return None, (missing,)
    if (problem := too_large(files)) is not None:
        return None, (Mistake(file, 1, 1, "", problem, "take templates out, or part the playbook in two"),)
    try:
        written = read_yaml(files[PLAYBOOK], file)
    except BadPlaybook as unreadable:
        return None, unreadable.mistakes
    mistakes = list(written.mistakes)
    playbook = _modelled(written, mistakes)
    if playbook is not None:
        mistakes += [
            written.mistake(found.place, found.problem, found.remedy, severity=found.severity)
            for found in check_playbook(playbook)
        ]
        if with_templates:
            mistakes += check_templates(playbook, files, written)
    return playbook, _in_order(mistakes)


def _modelled(written: Written, mistakes: list[Mistake]) -> Playbook | None:
    if not isinstance(written.data, dict):
        what = "empty" if written.data is None else "no mapping"
        mistakes.append(
            written.mistake((), f"the playbook is {what}", "begin with playbook: <name>, then roles: and stages:")
        )
        return None
    try:
        return Playbook.model_validate(written.data)
    except ValidationError as error:
        unread = [mistake.path for mistake in mistakes]
        mistakes += [
            written.mistake(one.place, one.problem, one.remedy, of_key=one.of_key)
            for one in refusals(error, written.data)
            if not any(path.startswith(as_text(one.place)) for path in unread)
        ]
        return None


def _in_order(mistakes: list[Mistake]) -> tuple[Mistake, ...]:
    """Mistakes from the top of each file to its end, each once; the playbook's before the templates'."""
    return tuple(
        sorted(
            dict.fromkeys(mistakes), key=lambda one: (one.file.startswith("templates/"), one.file, one.line, one.column)
        )
    )
