"""Words that a playbook declares: an unknown one is told to whoever used it, and never quietly taken for another."""

from __future__ import annotations

from dealwright.deal import Known
from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.facts import Fact
from dealwright.playbook.language.declared_words import unknown_word
from dealwright.playbook.language.model import Playbook
from dealwright.rules.decision_context import DecisionContext


def undeclared_source(playbook: Playbook, known: Known) -> Diagnostic | None:
    """Why a deal cannot have come from there; None when it can."""
    unknown = unknown_word("source", known.source, playbook.sources)
    return unknown.under("source") if unknown else None


def undeclared_variant(playbook: Playbook, fact: Fact) -> Diagnostic | None:
    """Why a fact with this variant is not taken in; None when it is."""
    if fact.declared_as is None or fact.variant_field is None:
        return None
    unknown = unknown_word(fact.declared_as, fact.variant, playbook.declared(f"{fact.declared_as}s"))
    return unknown.under(fact.variant_field) if unknown else None


def mind_notes(context: DecisionContext, learned: Known | None) -> None:
    """Ask somebody to look at notes under names that no handoff or rule will look for. They are kept."""
    for name in (learned.notes if learned else None) or ():
        if (unknown := unknown_word("note", name, context.playbook.notes)) is not None:
            context.ask_attention(f"note:{name[:60]}", f"It is kept, but nothing looks for it. {unknown}")
