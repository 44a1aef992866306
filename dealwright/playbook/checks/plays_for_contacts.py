"""Plays that run for each contact: what they cannot do, and roles that nobody writes alike."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.contacts import role_word
from dealwright.diagnostics.diagnostic import Diagnostic, Place
from dealwright.playbook.checks.references import unknown_name
from dealwright.playbook.checks.traversal import PlayAt, conditions_in, plays_in, steps_in
from dealwright.playbook.language.conditions import leaves
from dealwright.playbook.language.contact_conditions import SomeContacts
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.steps.enrol import EnrolStep
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.language.steps.notify import NotifyStep
from dealwright.playbook.language.steps.subscribe import SubscribeStep
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.playbook.language.triggers import ANY

_FOR_ONE = (MessageStep, EnrolStep, WorkStep, NotifyStep)
"""The steps that a play may have which runs for each contact: all others are about the deal."""


def roles_of_contacts(playbook: Playbook) -> Iterator[Diagnostic]:
    """Roles on the buying side that the playbook's committee does not have, where it declares one."""
    if not playbook.committee:
        return
    for at in plays_in(playbook):
        if at.play.for_each is not None:
            yield from _undeclared(playbook, at.play.for_each.contact.role, (*at.place, "for_each", "contact", "role"))
    for place, step in steps_in(playbook):
        if isinstance(step, MessageStep | EnrolStep | WorkStep) and step.to is not None:
            yield from _undeclared(playbook, (step.to,), (*place, "to"))
        if isinstance(step, SubscribeStep) and step.bill_to is not None:
            yield from _undeclared(playbook, (step.bill_to,), (*place, "bill_to"))
    for place, condition in conditions_in(playbook):
        for test in leaves(condition):
            if isinstance(test, SomeContacts):
                yield from _undeclared(playbook, test.roles, place)


def _undeclared(playbook: Playbook, roles: tuple[str, ...], place: Place) -> Iterator[Diagnostic]:
    declared = [role_word(role) for role in playbook.committee]
    for role in map(role_word, roles):
        yield from unknown_name("role in the committee", role, declared, place)


def plays_for_contacts(playbook: Playbook) -> Iterator[Diagnostic]:
    """Steps that several runs at once would repeat, and facts that say from whom where nobody asks."""
    for at in plays_in(playbook):
        if at.play.for_each is None:
            yield from _from_nobody(at)
            yield from _nobodys_colleague(at)
        else:
            yield from _about_the_deal(at)


def _from_nobody(at: PlayAt) -> Iterator[Diagnostic]:
    for key, _ in at.play.stops.said:
        problem = f"'from' says nothing here: the play runs for the deal, and {key} counts as it does for all plays"
        remedy = f"write {key.partition(':')[0]!r} without it (and without {ANY!r}), or add for_each"
        yield Diagnostic((*at.place, "until"), problem, remedy)


def _nobodys_colleague(at: PlayAt) -> Iterator[Diagnostic]:
    if at.play.when_colleague_replies != "go_on":
        problem = "'when_colleague_replies' says nothing here: the play runs for the deal, and any reply is one to it"
        yield Diagnostic((*at.place, "when_colleague_replies"), problem, "take it out, or add for_each")


def _about_the_deal(at: PlayAt) -> Iterator[Diagnostic]:
    for place, step in at.steps():
        if not isinstance(step, _FOR_ONE):
            problem = f"{step.action!r} is about the deal, and this play runs once for each contact"
            yield Diagnostic((*place, step.action), problem, "let a play do it that has no for_each")
        elif isinstance(step, MessageStep | EnrolStep | WorkStep) and step.to is not None:
            problem = "'to' says nothing here: this play runs for each contact, and writes to that one only"
            yield Diagnostic((*place, "to"), problem, "take it out, or let a play do it that has no for_each")
