"""The table of facts on the page of triggers, made from their classes: docstring, fields, variants, what they teach."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from dealwright.facts import FACTS, Fact

_HEAD = "| fact | what happened | fields | variants | the deal learns |\n|---|---|---|---|---|"


def purpose_of(fact: type[Fact]) -> str:
    """What a fact says, in one paragraph of Markdown."""
    first, _, _ = (inspect.getdoc(fact) or "").partition("\n\n")
    return " ".join(first.split()).replace("``", "`")


def table_of_facts() -> str:
    """Every fact in a row, in the order of a deal's life."""
    return "\n".join((_HEAD, *map(_row, FACTS.values())))


def _row(fact: type[Fact]) -> str:
    cells = (f"`{fact.name}`", purpose_of(fact), ", ".join(_fields(fact)), _variants(fact), _code(fact.teaches))
    return "| " + " | ".join(cells) + " |"


def _fields(fact: type[Fact]) -> Iterator[str]:
    """Those of its own, those that must be given first; what may be left out has a question mark."""
    own = {name: field for name, field in fact.model_fields.items() if name not in Fact.model_fields}
    yield from (f"`{name}`" for name, field in own.items() if field.is_required())
    yield from (f"`{name}`?" for name, field in own.items() if not field.is_required())


def _variants(fact: type[Fact]) -> str:
    if fact.variant_field is None:
        return ""
    return _code(fact.variants()) or f"any `{fact.variant_field}`"


def _code(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)
