"""What may start or stop a play: facts, and the events that a deal makes itself."""

from __future__ import annotations

import difflib
from typing import Annotated, get_args

from pydantic import BeforeValidator, WithJsonSchema

from dealwright.facts import FACTS

EVENTS: dict[str, str] = {
    "entered": "the stage was entered (with a variant, for plays of the whole deal: that stage)",
    "left": "a stage was left",
    "stalled": "a stage took longer than its stalls_after",
    "email_sent": "a message went out (variant: its template)",
    "step_skipped": "a step was left out: nobody to write to, too late, not wanted (variant: its template, task …)",
    "task_done": "a task was done (variant: its name)",
    "task_overdue": "a task's deadline went by",
    "approval_granted": "an approval was granted (variant: its name)",
    "approval_refused": "an approval was refused (variant: its name)",
    "handoff_accepted": "a handoff was accepted (variant: its name)",
    "handoff_declined": "a handoff was declined (variant: its name)",
    "handoff_fell_back": "a handoff was not accepted for so long that the deal fell back (variant: its name)",
    "handoff_overdue": "a handoff was not accepted in time",
    "approval_overdue": "an approval was not answered in time",
    "touch_uncertain": "a message may or may not have gone out",
    "effect_failed": "the other side refused something for good",
}
"""Every event, with when it comes."""
WITHOUT_VARIANTS = frozenset(
    {"task_overdue", "handoff_overdue", "approval_overdue", "touch_uncertain", "effect_failed"}
)
"""The events that cannot be asked for by a variant."""


def event_keys(name: str, variant: object) -> tuple[str, ...]:
    """The keys under which a fact or event is known: ``reply_received:interested``.

    Raises:
        ValueError: the name or the variant does not exist, and which ones do.
    """
    if name not in FACTS and name not in EVENTS:
        near = difflib.get_close_matches(name, [*FACTS, *EVENTS], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "see docs/playbook.md for all of them."
        raise ValueError(f"{name!r} is no fact or event: {hint}")
    if variant is None:
        return (name,)
    variants = variant if isinstance(variant, list) else [variant]
    if not variants:
        raise ValueError(f"{name!r} with no variant never comes: write {name!r} alone, or the variants")
    for each in variants:
        _check_variant(name, each)
    return tuple(f"{name}:{each}" for each in variants)


def _check_variant(name: str, variant: object) -> None:
    if not isinstance(variant, str):
        raise ValueError(f"{variant!r} is no variant of {name!r}: write a word, as in {{reply_received: interested}}")
    if name in WITHOUT_VARIANTS or (name in FACTS and FACTS[name].variant_field is None):
        raise ValueError(f"{name!r} has no variants: write {name!r} alone")
    known = known_variants(name)
    if known and variant not in known:
        raise ValueError(f"{name!r} is never {variant!r}: write one of {', '.join(known)}")


def known_variants(name: str) -> tuple[str, ...]:
    """The variants that a fact may have, where they are limited."""
    fact = FACTS.get(name)
    if fact is None or fact.variant_field is None:
        return ()
    return tuple(each for each in get_args(fact.model_fields[fact.variant_field].annotation) if isinstance(each, str))


def read_triggers(written: object) -> tuple[str, ...]:
    """Read what a play waits for: one trigger or a list of them.

    Raises:
        ValueError: what is wrong, and what to write instead.
    """
    if isinstance(written, tuple):
        return written
    keys: list[str] = []
    for each in written if isinstance(written, list) else [written]:
        if isinstance(each, str):
            keys += event_keys(each, None)
        elif isinstance(each, dict) and len(each) == 1:
            ((name, variant),) = each.items()
            keys += event_keys(str(name), variant)
        else:
            raise ValueError(f"{each!r} is no trigger: write a fact's name, or {{fact: variant}}")
    return tuple(keys)


Triggers = Annotated[tuple[str, ...], BeforeValidator(read_triggers), WithJsonSchema({"$comment": "Triggers"})]
"""Facts and events, by key, as a field of a playbook's model."""
