"""Words in a playbook that it does not declare, or that look like a slip of the pen where it declares none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.diagnostics.suggestions import nearest
from dealwright.facts import FACTS
from dealwright.playbook.checks.traversal import asked_for, conditions_in, tasks_in
from dealwright.playbook.language.conditions import Equals, HasHappened, leaves
from dealwright.playbook.language.contact_conditions import SomeContacts
from dealwright.playbook.language.counts import HappenedTimes
from dealwright.playbook.language.declared_words import unknown_word
from dealwright.playbook.language.levels import HasLevel
from dealwright.playbook.language.model import Playbook

_USUAL = {"source": ("inbound", "outbound", "referral", "partner", "expansion")}
"""Words that are meant in most playbooks."""
_ALMOST = 0.85
"""How much alike two words are of which one is hardly meant."""
_NOTE = "notes."


class _Used(NamedTuple):
    kind: str
    word: str
    place: Place


def words_used(playbook: Playbook) -> Iterator[Diagnostic]:
    """Sources, signals and notes that a playbook asks for and does not declare, or may have misspelt."""
    used = list(_used(playbook))
    for kind in ("source", "signal", "note"):
        of_kind = [each for each in used if each.kind == kind]
        declared = playbook.declared(f"{kind}s")
        if declared is not None:
            yield from _undeclared(of_kind, declared)
        else:
            yield from _misspelt(of_kind, _USUAL.get(kind, ()))


def _undeclared(used: list[_Used], declared: Mapping[str, str]) -> Iterator[Diagnostic]:
    for kind, word, place in used:
        if (unknown := unknown_word(kind, word, declared)) is not None:
            yield Diagnostic(place, unknown.problem, f"{unknown.remedy}, or add it under {kind}s")


def _misspelt(used: list[_Used], usual: tuple[str, ...]) -> Iterator[Diagnostic]:
    counts = Counter(each.word for each in used)
    ranked = sorted(counts, key=lambda word: -counts[word])  # of words used as often, the first comes first
    for kind, word, place in used:
        better = (*usual, *ranked[: ranked.index(word)])
        near = nearest(word, better, cutoff=_ALMOST)
        if word not in better and near is not None:
            problem = f"the {kind} {word!r} is hardly another one than {near!r}"
            yield warning(place, problem, f"write {near!r}, or list the {kind}s under {kind}s:")


def _used(playbook: Playbook) -> Iterator[_Used]:
    for place, condition in conditions_in(playbook):
        for test in leaves(condition):
            if isinstance(test, HasHappened | HappenedTimes | HasLevel | SomeContacts):
                continue
            if test.path.text.startswith(_NOTE):
                yield _Used("note", test.path.text.removeprefix(_NOTE), place)
            elif isinstance(test, Equals) and test.path.text == "deal.source":
                yield from (_Used("source", str(value), place) for value in test.values)
    for place, key in asked_for(playbook):
        name, _, variant = key.partition(":")
        kind = FACTS[name].declared_as if name in FACTS else None
        if kind and variant:
            yield _Used(kind, variant, place)
    yield from _pieces(playbook)


def _pieces(playbook: Playbook) -> Iterator[_Used]:
    for number, rule in enumerate(playbook.handoffs):
        yield from (_Used("note", piece, ("handoffs", number, "needs", n)) for n, piece in enumerate(rule.needs))
    for place, step in tasks_in(playbook):
        yield from (_Used("note", piece, (*place, "asks", n)) for n, piece in enumerate(step.asks))
        yield from (_Used("note", piece, (*place, "fills", name)) for name, piece in step.noted_by.items())
    for number, approval in enumerate(playbook.approvals):
        for name, path in approval.terms.items():
            if path.text.startswith(_NOTE):
                yield _Used("note", path.text.removeprefix(_NOTE), ("approvals", number, "terms", name))
