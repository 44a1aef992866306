"""Checking message templates without sending them: their subject, their syntax, and every name they use."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel

from dealwright.deal import Account, Contact, Contract, Deal, Meeting, Person, Proposal
from dealwright.diagnostics.diagnostic import Diagnostic, Location, warning
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.playbook.checks.guarantees import sure_in
from dealwright.playbook.checks.sent_as_written import meant_by, sent_as_written
from dealwright.playbook.checks.text_messages import wrong_in_text
from dealwright.playbook.checks.traversal import steps_in
from dealwright.playbook.language.declared_words import unknown_word
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.own_fields import OwnField, unknown_field
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.source.bundle import TEMPLATES, is_sms, template_path
from dealwright.yaml.document import LONGEST_FILE, YamlDocument

if TYPE_CHECKING:
    from jinja2 import nodes

VARIABLES: dict[str, type[BaseModel] | None] = {
    "deal": Deal,
    "contact": Contact,
    "sender": Person,
    "account": Account,
    "proposal": Proposal,
    "contract": Contract,
    "demo": Meeting,
    "meeting": Meeting,
    "scheduling_link": None,
    "unsubscribe_url": None,
    "fields": None,
}
"""What a template may use; all but ``deal`` and ``contact`` may be None."""

TYPOGRAPHIC_QUOTES = "\u201c\u201d\u201e\u2018\u2019"
_SUBJECT = "Subject:"


def check_templates(playbook: Playbook, files: Mapping[str, str], document: YamlDocument) -> Iterator[Diagnostic]:
    """Everything that is wrong between a playbook and the templates in its bundle, and within these."""
    wanted, sure = set(), sure_in(playbook)
    for place, step in steps_in(playbook):
        if not isinstance(step, MessageStep):
            continue
        path = template_path(step.template)
        wanted.add(path)
        if path not in files:
            known = [file for file in files if file.startswith(TEMPLATES)]
            begin = "write it: the text alone" if is_sms(path) else "write it, beginning with Subject: and a text"
            remedy = did_you_mean(path, known, begin)
            yield document.located(Diagnostic((*place, step.action), f"there is no {path}", remedy))
    for path in sorted(files):
        if path.startswith(TEMPLATES):
            yield from (*_wrong_in(path, files[path], playbook),) or _holes_in(path, files, sure, playbook)
            yield from sent_as_written(path, files[path])
            if path not in wanted:
                name = path.removeprefix(TEMPLATES).removesuffix(".md")
                does = f"sms: {name.removesuffix('.sms')}, by: machine" if is_sms(path) else f"email: {name}"
                remedy = f"add a step with {does}, or delete the file"
                yield replace(warning((), "no step sends this template", remedy), location=Location(path))


def _at(path: str, line: int, problem: str, remedy: str) -> Diagnostic:
    return Diagnostic((), problem, remedy, location=Location(path, line))


def _holes_in(
    path: str, files: Mapping[str, str], sure: Mapping[str, frozenset[str]], playbook: Playbook
) -> Iterator[Diagnostic]:
    """The lines of a sound template that cannot be written whenever a step sends it."""
    from dealwright.playbook.checks.template_gaps import holes_in  # with Jinja, which is at hand where templates are

    name = path.removeprefix(TEMPLATES).removesuffix(".md")
    yield from holes_in(path, files, sure.get(name, frozenset()), playbook.own_paths)


def _wrong_in(path: str, text: str, playbook: Playbook) -> Iterator[Diagnostic]:
    if len(text) > LONGEST_FILE:
        yield _at(path, 1, f"the template has {len(text):,} characters", f"keep it below {LONGEST_FILE:,}")
        return
    first, _, body = text.partition("\n")
    if is_sms(path):
        yield from wrong_in_text(path, text)
    elif not first.startswith(_SUBJECT) or not first.removeprefix(_SUBJECT).strip():
        yield _at(path, 1, "the first line is no subject", "begin with Subject: and the message's subject")
    elif not body.strip():
        yield _at(path, 1, "the message is empty", "write its text below the subject")
    yield from _wrong_words(path, text, playbook)


def _wrong_words(path: str, text: str, playbook: Playbook) -> Iterator[Diagnostic]:
    from jinja2 import TemplateSyntaxError, meta, nodes
    from jinja2.sandbox import SandboxedEnvironment

    try:
        environment = SandboxedEnvironment()
        environment.compile(text)
        tree = environment.parse(text)
    except TemplateSyntaxError as error:
        unknown_filter = " named " in (error.message or "")
        remedy = "use one of Jinja's own" if unknown_filter else "close every {{ and {%, and end every if and for"
        if "unexpected char" in (error.message or "") and any(
            sign in str(error.message) for sign in TYPOGRAPHIC_QUOTES
        ):
            remedy = "write straight quotes between {{ and }}"
        yield _at(path, error.lineno, f"this is no Jinja: {error.message}", remedy)
        return
    unknown = meta.find_undeclared_variables(tree) - set(VARIABLES)
    for name in sorted(unknown):
        line = next(node.lineno for node in tree.find_all(nodes.Name) if node.name == name)
        meant = meant_by(name)
        remedy = f"write {{{{ {meant} }}}}" if meant else did_you_mean(name, VARIABLES)
        yield _at(path, line, f"{name!r} is nothing a template has", remedy)
    for node in tree.find_all(nodes.Getattr):
        owner = _type_of(node.node)
        if owner is not None and node.attr not in (known := _attributes(owner)):
            yield _at(
                path, node.lineno, f"{owner.__name__.lower()} has no {node.attr!r}", did_you_mean(node.attr, known)
            )
        if (unknown_note := _undeclared_note(node, playbook.notes)) is not None:
            yield _at(path, node.lineno, unknown_note.problem, f"{unknown_note.remedy}, or add it under notes")
        if (wrong_field := _wrong_field(node, playbook.fields)) is not None:
            yield _at(path, node.lineno, wrong_field.problem, wrong_field.remedy)


def _undeclared_note(node: nodes.Getattr, notes: Mapping[str, str] | None) -> Diagnostic | None:
    from jinja2 import nodes

    match node.node:
        case nodes.Getattr(node=nodes.Name(name="deal"), attr="notes") if not hasattr(dict, node.attr):
            return unknown_word("note", node.attr, notes)
    return None


def _wrong_field(node: nodes.Getattr, declared: Mapping[str, OwnField]) -> Diagnostic | None:
    from jinja2 import nodes

    match node:
        case nodes.Getattr(node=nodes.Name(name="deal"), attr="fields"):
            return Diagnostic((), "'deal.fields' is not for templates", "write fields, such as {{ fields.seats }}")
        case nodes.Getattr(node=nodes.Name(name="fields")):
            return unknown_field(node.attr, declared)
    return None


def _type_of(node: nodes.Node) -> type[BaseModel] | None:
    """The model that an expression of a template gives, as far as that can be told."""
    from jinja2 import nodes

    if isinstance(node, nodes.Name):
        return VARIABLES.get(node.name)
    if isinstance(node, nodes.Getattr) and (owner := _type_of(node.node)) is not None:
        return _model_in(_attributes(owner).get(node.attr))
    return None


def _attributes(model: type[BaseModel]) -> dict[str, object]:
    """The attributes of a model that a template may use, with their types."""
    known: dict[str, object] = {name: info.annotation for name, info in model.model_fields.items()}
    for base in model.__mro__:
        for name, value in vars(base).items():
            if isinstance(value, property) and not name.startswith(("_", "model_")):
                known.setdefault(name, typing.get_type_hints(value.fget).get("return"))
    return known


def _model_in(annotation: object) -> type[BaseModel] | None:
    parts = [part for part in typing.get_args(annotation) or (annotation,) if part is not type(None)]
    (only,) = parts if len(parts) == 1 else (None,)
    return only if isinstance(only, type) and issubclass(only, BaseModel) else None
