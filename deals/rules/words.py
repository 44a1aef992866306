"""Words that a playbook declares: an unknown one is told to whoever used it, and never quietly taken for another."""

from __future__ import annotations

from deals.deal import Known
from deals.facts import Fact
from deals.playbook.model import Playbook
from deals.playbook.words import unknown_word
from deals.rules.desk import Desk


def undeclared_source(playbook: Playbook, known: Known) -> str | None:
    """Why a deal cannot have come from there; None when it can."""
    return unknown_word("source", known.source, playbook.sources)


def undeclared_variant(playbook: Playbook, fact: Fact) -> str | None:
    """Why a fact with this variant is not taken in; None when it is."""
    if fact.declared_as is None:
        return None
    problem = unknown_word(fact.declared_as, fact.variant, playbook.declared(f"{fact.declared_as}s"))
    return f"{fact.variant_field}: {problem}" if problem else None


def mind_notes(desk: Desk, learned: Known | None) -> None:
    """Ask somebody to look at notes under names that no handoff or rule will look for. They are kept."""
    for name in (learned.notes if learned else None) or ():
        if (problem := unknown_word("note", name, desk.playbook.notes)) is not None:
            desk.ask_attention(f"note:{name[:60]}", f"It is kept, but nothing looks for it: {problem}.")
