"""Reading a playbook from its text: the model, or everything that is wrong, each with its line and what to write."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from dealwright.diagnostics.diagnostic import BadInput, Diagnostic, Location
from dealwright.diagnostics.notation import Yaml
from dealwright.playbook.checks.check import check_playbook
from dealwright.playbook.checks.templates import check_templates
from dealwright.playbook.language.committee import committee_paths_as_written
from dealwright.playbook.language.experiments import arm_paths_as_written
from dealwright.playbook.language.levels import words_as_written
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.own_fields import paths_as_written
from dealwright.playbook.language.steps.any_step import belongs_elsewhere
from dealwright.playbook.language.team import CalendarRule, Role
from dealwright.playbook.source.bundle import PLAYBOOK, TEMPLATES, too_large
from dealwright.yaml.document import BadYaml, YamlDocument, read_yaml
from dealwright.yaml.models import validate

_OF_OTHER_PARTS: dict[tuple[type[BaseModel], str], tuple[str, str]] = {
    (CalendarRule, "roles"): (
        "'roles' says nothing for the calendar",
        'write hours where the role is declared: roles: {sdr: {hours: "Mon-Fri 07:00-19:00"}}',
    ),
    (Role, "holidays"): ("'holidays' says nothing for a role", "write country: DE"),
}


def _elsewhere(model: type[BaseModel], key: str) -> tuple[str, str] | None:
    return _OF_OTHER_PARTS.get((model, key)) or belongs_elsewhere(model, key)


_NOTATION = Yaml(
    {
        "playbook": "begin the file with its name: playbook: my-team",
        "roles": "write who takes part: roles: {rep: {title: Whoever sells}}",
        "stages": "write at least one stage: stages: [{name: follow-up, owner: rep}]",
        "rules": "write at least one rule: rules: [{if: {proposal.discount: {gt: 10}}, by: [manager]}]",
        "levels": "write at least one level: levels: [{up_to: 100, by: [manager]}]",
        "arms": "write two or more, each with its weight: arms: {control: 1, other: 1}",
        "require": "write what is required: require: {a budget: {qualification.budget: {known: true}}}",
    },
    _elsewhere,
)


class BadPlaybook(BadInput):
    """A playbook that cannot be used, with everything that is wrong with it, one line each."""


def load_playbook(text: str, *, file: str = PLAYBOOK) -> Playbook:
    """Read a playbook from YAML. ``file`` is what the diagnostics call it.

    Raises:
        BadPlaybook: it cannot be used; its ``diagnostics`` say everything that is wrong and where.
    """
    playbook, found = _read({PLAYBOOK: text}, file, with_templates=False)
    return _unless_wrong(playbook, found)


def load_bundle(files: Mapping[str, str], *, file: str = PLAYBOOK) -> Playbook:
    """Read a bundle (path to text): its playbook, checked together with its templates. Needs Jinja.

    Raises:
        BadPlaybook: it cannot be used; its ``diagnostics`` say everything that is wrong and where.
    """
    playbook, found = _read(files, file, with_templates=True)
    return _unless_wrong(playbook, found)


def load_pinned(files: Mapping[str, str]) -> Playbook:
    """Read a bundle that deals already follow, without the checks it passed when it was published.

    A later release may check more; the deals in flight go on under the rules they began with.

    Raises:
        BadPlaybook: it cannot be read at all.
    """
    try:
        playbook, found = _validated(read_yaml(files.get(PLAYBOOK, ""), PLAYBOOK))
    except BadYaml as unreadable:
        raise BadPlaybook(unreadable.diagnostics) from None
    return _unless_wrong(playbook, tuple(found))


def check_bundle(files: Mapping[str, str], *, file: str = PLAYBOOK) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a bundle, or hardly meant so (``severity`` tells), in the files' order."""
    return _read(files, file, with_templates=True)[1]


def _unless_wrong(playbook: Playbook | None, found: tuple[Diagnostic, ...]) -> Playbook:
    errors = [one for one in found if one.severity == "error"]
    if playbook is None or errors:
        raise BadPlaybook(errors)
    return playbook


def _read(
    files: Mapping[str, str], file: str, *, with_templates: bool
) -> tuple[Playbook | None, tuple[Diagnostic, ...]]:
    if PLAYBOOK not in files:
        problem, remedy = f"the bundle has no {PLAYBOOK}", f"put the playbook into {PLAYBOOK}"
        return None, (Diagnostic((), problem, remedy, code="missing", location=Location(file)),)
    if (too_much := too_large(files)) is not None:
        remedy = "take templates out, or part the playbook in two"
        return None, (Diagnostic((), too_much, remedy, code="too_large", location=Location(file)),)
    try:
        document = read_yaml(files[PLAYBOOK], file)
    except BadYaml as unreadable:
        return None, unreadable.diagnostics
    playbook, found = _validated(document)
    if playbook is not None:
        found += map(document.located, check_playbook(playbook))
        if with_templates:
            found += check_templates(playbook, files, document)
    return playbook, _in_order(found)


def _validated(document: YamlDocument) -> tuple[Playbook | None, list[Diagnostic]]:
    begin = "begin with playbook: <name>, then roles: and stages:"
    written = document.data if isinstance(document.data, dict) else {}
    own = paths_as_written(written.get("fields")) | arm_paths_as_written(written.get("experiments"))
    own |= words_as_written(written.get("scores"), written.get("levels"))
    own |= committee_paths_as_written(written.get("committee"))
    return validate(document, Playbook, kind="playbook", begin=begin, notation=_NOTATION, context=own)


def _in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """From the top of each file to its end, each once; the playbook's before the templates'."""
    return tuple(sorted(dict.fromkeys(found), key=_order))


def _order(one: Diagnostic) -> tuple[bool, str, int, int]:
    at = one.location or Location("")
    return at.file.startswith(TEMPLATES), at.file, at.line, at.column
