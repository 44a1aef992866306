"""Reading ``policies.yaml``: the policies, or everything that is wrong with them, with line and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, ValidationError

from dealwright.diagnostics.diagnostic import BadInput, Diagnostic
from dealwright.diagnostics.notation import Yaml
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.playbook.language.model import Playbook
from dealwright.values.recorded import Given
from dealwright.yaml.document import BadYaml, YamlDocument, read_yaml
from simulation.policies.names import unknown_in
from simulation.policies.policy import Policy

POLICIES = "policies.yaml"
"""The file's name, beside the playbook."""
_BEGIN = "begin with - name: and what the policy promises"
_IF_REMEDY = ("'when' is no key here", "write if: and the condition")


class BadPolicies(BadInput):
    """Policies that cannot be tried, with everything that is wrong with them, one line each."""


@dataclass(frozen=True)
class PolicyAt:
    """A policy, and the line that it begins in."""

    policy: Policy
    line: int


class _File(Given):
    policies: Annotated[tuple[Policy, ...], Field(min_length=1)]


_NOTATION = Yaml(
    {"name": "write name: and what the policy promises, in words", "policies": _BEGIN},
    lambda model, key: _IF_REMEDY if model is Policy and key == "when" else None,
)


def read_policies(text: str, playbook: Playbook, *, file: str = POLICIES) -> tuple[PolicyAt, ...]:
    """Read the policies of a playbook. ``file`` is what the diagnostics call it.

    Raises:
        BadPolicies: they cannot be tried; its ``diagnostics`` say everything that is wrong and where.
    """
    policies, found = _read(text, playbook, file)
    errors = [one for one in found if one.severity == "error"]
    if errors:
        raise BadPolicies(errors)
    return policies


def check_policies(text: str, playbook: Playbook | None, *, file: str = POLICIES) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a file of policies; where the playbook cannot be read, only with its YAML."""
    return _read(text, playbook, file)[1]


def _read(text: str, playbook: Playbook | None, file: str) -> tuple[tuple[PolicyAt, ...], tuple[Diagnostic, ...]]:
    try:
        document = read_yaml(text, file)
    except BadYaml as unreadable:
        return (), unreadable.diagnostics
    found = list(document.diagnostics)
    if not isinstance(document.data, list):
        problem = f"the file of policies is {'empty' if document.data is None else 'no list'}"
        return (), (*found, document.located(Diagnostic((), problem, _BEGIN, code="wrong_type")))
    if playbook is None:  # which words there are, it would have said
        return (), tuple(found)
    try:
        policies = _File.model_validate({"policies": document.data}, context=playbook.declared_paths).policies
    except ValidationError as error:
        refused = diagnostics_of(error, _File, _NOTATION)
        return (), (*found, *(document.located(replace(one, place=one.place[1:])) for one in refused))
    found += map(document.located, (*_twice(policies), *_unknown(policies, playbook)))
    return tuple(_placed(policies, document)), tuple(found)


def _placed(policies: Iterable[Policy], document: YamlDocument) -> Iterator[PolicyAt]:
    for index, policy in enumerate(policies):
        yield PolicyAt(policy, document.position((index, "name"), of_key=True).line)


def _twice(policies: tuple[Policy, ...]) -> Iterator[Diagnostic]:
    names = [policy.name for policy in policies]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Diagnostic((index, "name"), f"there is already a policy {name!r}", "give it another name")


def _unknown(policies: Iterable[Policy], playbook: Playbook) -> Iterator[Diagnostic]:
    for index, policy in enumerate(policies):
        for one in unknown_in(policy, playbook):
            yield one.under(index)
