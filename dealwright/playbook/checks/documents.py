"""Documents that name what is not there, and whose approval is about terms that they do not say."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.contacts import role_word
from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.playbook.checks.references import names_of, unknown_name
from dealwright.playbook.checks.traversal import steps_in
from dealwright.playbook.language.documents import DocumentRule
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.steps.document import DocumentStep


def documents(playbook: Playbook) -> Iterator[Diagnostic]:
    """What is wrong with the documents that a playbook declares, and with the steps that send them."""
    for name, rule in playbook.documents.items():
        place: Place = ("documents", name)
        yield from unknown_name("approval", rule.needs, names_of(playbook, "approval"), (*place, "needs"))
        if rule.to is not None and playbook.committee:
            declared = [role_word(role) for role in playbook.committee]
            yield from unknown_name("role in the committee", role_word(rule.to), declared, (*place, "to"))
        yield from _terms_of_its_approval(playbook, rule, place)
    sent = set[str]()
    for at, step in steps_in(playbook):
        if not isinstance(step, DocumentStep):
            continue
        sent.add(step.document)
        if step.needs is not None:
            problem = "the approval of a document stands at the document, so that every version of it waits"
            yield Diagnostic((*at, "needs"), problem, f"write needs: {step.needs} at documents.{step.document}")
    for name in playbook.documents.keys() - sent:
        yield warning(("documents", name), "no step sends it", f"write a step {{document: {name}}}, or take it out")


def _terms_of_its_approval(playbook: Playbook, rule: DocumentRule, place: Place) -> Iterator[Diagnostic]:
    """What is approved must be what is said: else another version would not follow when it changes."""
    approval = playbook.approval(rule.needs) if rule.needs is not None else None
    if approval is None:
        return
    said = set(rule.paths.values())
    for name, path in approval.paths.items():
        if path not in said:
            problem = f"{approval.name} is about {path.text}, which the document does not say"
            yield Diagnostic((*place, "terms"), problem, f"add {name}: {path.text}")
