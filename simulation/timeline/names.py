"""Names in patterns that the playbook does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.playbook.checks.references import names_of, unknown_name, unknown_variant
from dealwright.playbook.language.endings import Ending
from dealwright.playbook.language.model import Playbook
from simulation.timeline.pattern import Pattern
from simulation.timeline.patterns import TriggerPattern

_NAMED = {"email": "template", "sms": "text message", "notify": "role", "owner": "role", "asks": "role"}
"""What the name under a key is the name of, where it is not called like the key."""
_FREE = frozenset({"attention", "webhook", "subscription", "enrol", "marketing", "text"})


def unknown_names(pattern: Pattern, playbook: Playbook) -> Iterator[Diagnostic]:
    """What is wrong with a pattern of this playbook's deals, at its place within the pattern."""
    if isinstance(pattern, TriggerPattern):
        for key in pattern.keys:
            yield from unknown_variant(playbook, key, (key.partition(":")[0],))
        return
    for field in type(pattern).model_fields:
        names = getattr(pattern, field)
        if field in _FREE or not isinstance(names, tuple):
            continue
        for name in names:
            if (known := _known(pattern, field, playbook)) is not None:
                yield from unknown_name(known[0], name, known[1], (field,))


def _known(pattern: Pattern, field: str, playbook: Playbook) -> tuple[str, list[str]] | None:
    """What a field of a pattern names, and the names that there are; None where any may stand."""
    if field == "closed":
        return "outcome", [*get_args(Ending)]
    if field == "to":
        return ("role", names_of(playbook, "role")) if pattern.kind == "handoff" else None
    what = _NAMED.get(field, field)
    return what, names_of(playbook, what)
