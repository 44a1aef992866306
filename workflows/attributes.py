"""The search attributes of a deal, as Temporal takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from deals.decision import SEARCH_ATTRIBUTES, Attributes


def upsert(attributes: Attributes | None, *, clear_attention: bool = False) -> None:
    """Show what changed; ``clear_attention`` says that a parked deal goes on."""
    changes = {name: value for name, value in attributes or Attributes() if value is not None}
    if clear_attention:
        changes.setdefault("NeedsAttention", False)
    updates: list[SearchAttributeUpdate[Any]] = []
    for name, value in changes.items():
        match SEARCH_ATTRIBUTES[name]:
            case "Keyword":
                updates.append(SearchAttributeKey.for_keyword(name).value_set(str(value)))
            case "Double":
                updates.append(SearchAttributeKey.for_float(name).value_set(float(value)))
            case "Datetime" if isinstance(value, datetime):
                updates.append(SearchAttributeKey.for_datetime(name).value_set(value))
            case _:
                updates.append(SearchAttributeKey.for_bool(name).value_set(bool(value)))
    if updates:
        workflow.upsert_search_attributes(updates)
