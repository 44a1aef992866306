"""The search attributes of a deal, as Temporal takes them."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from dealwright.decision import SEARCH_ATTRIBUTES, Attributes


def upsert(attributes: Attributes | None, *, clear_attention: bool = False) -> None:
    """Show what changed; ``clear_attention`` says that a parked deal goes on."""
    shown = attributes or Attributes()
    changes = {name: value for name in SEARCH_ATTRIBUTES if (value := getattr(shown, name)) is not None}
    if clear_attention:
        changes.setdefault("NeedsAttention", False)
    updates: list[SearchAttributeUpdate[Any]] = []
    updates += [_key(name).value_set(value) for name, value in changes.items()]
    updates += [_key(name).value_unset() for name in shown.unset or ()]
    if updates:
        workflow.upsert_search_attributes(updates)


def _key(name: str) -> SearchAttributeKey[Any]:
    match SEARCH_ATTRIBUTES[name]:
        case "Keyword":
            return SearchAttributeKey.for_keyword(name)
        case "Double":
            return SearchAttributeKey.for_float(name)
        case "Datetime":
            return SearchAttributeKey.for_datetime(name)
        case _:
            return SearchAttributeKey.for_bool(name)
