"""What may start or stop a play: facts, and the events that a deal makes itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from dealwright.diagnostics.diagnostic import BadValue, read_parts
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS

EVENTS: dict[str, str] = {
    "entered": "the stage was entered (with a variant, for plays of the whole deal: that stage)",
    "left": "a stage was left",
    "level_reached": "the deal reached a level (variant: its name)",
    "level_lost": "the deal is below a level again (variant: its name)",
    "stalled": "a stage took longer than its stalls_after",
    "email_sent": "a message went out (variant: its template)",
    "sms_sent": "a text message of Dealwright's own went out (variant: its template)",
    "step_skipped": "a step was left out: nobody to write to, too late, not wanted (variant: its template, task …)",
    "task_done": "a task was done (variant: its name, or {its name: an outcome})",
    "task_overdue": "a task's deadline went by",
    "approval_granted": "an approval was granted (variant: its name)",
    "approval_refused": "an approval was refused (variant: its name)",
    "approval_expired": "what was granted holds no longer: its valid_for is over (variant: its name)",
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
WITH_OUTCOMES = frozenset({"task_done"})
"""The events that can be asked for by how it ended too: ``{task_done: {call: connected}}``."""


ANY = "any"
"""Written as a variant: whichever it is."""


def event_keys(name: str, variant: object) -> tuple[str, ...]:
    """The keys under which a fact or event is known: ``reply_received:interested``.

    Raises:
        BadValue: the name or the variant does not exist, and which ones do.
    """
    if name not in FACTS and "." in name:
        problem = f"{name!r} is something that a deal has, and nothing that happens"
        raise BadValue(problem, "ask for it under if or leave_when, and write a fact or event here")
    if name not in FACTS and name not in EVENTS:
        remedy = did_you_mean(name, [*FACTS, *EVENTS], "see docs/playbook/triggers.md for all of them")
        raise BadValue(f"{name!r} is no fact or event", remedy)
    if variant is None or variant == ANY:
        return (name,)
    variants = [each for one in _listed(variant) for each in _by_outcome(name, one)]
    if not variants:
        raise BadValue(f"{name!r} with no variant never comes", f"write {name!r} alone, or the variants")
    for each in variants:
        _check_variant(name, each)
    return tuple(f"{name}:{each}" for each in variants)


def wider_keys(key: str) -> tuple[str, ...]:
    """The keys under which the same is known, the widest first: ``task_done``, ``task_done:call``, and the key."""
    name, _, variant = key.partition(":")
    if not variant:
        return (key,)
    subject, _, outcome = variant.partition(":") if name in WITH_OUTCOMES else (variant, "", "")
    return (name, f"{name}:{subject}", key) if outcome else (name, key)


def _listed(variant: object) -> list[object]:
    return variant if isinstance(variant, list) else [variant]


def _by_outcome(name: str, variant: object) -> list[object]:
    """A variant with the outcomes that are asked for: ``{call: connected}``; any other one as it is."""
    if name not in WITH_OUTCOMES or not isinstance(variant, dict):
        return [variant]
    found: list[object] = []
    for subject, outcomes in variant.items():
        for outcome in _listed(outcomes):
            if not isinstance(outcome, str) or not outcome or ":" in outcome:
                raise BadValue(f"{outcome!r} is no outcome of {subject!r}", f"write {{{name}: {{{subject}: word}}}}")
            found.append(f"{subject}:{outcome}")
    return found


def _check_variant(name: str, variant: object) -> None:
    if not isinstance(variant, str):
        raise BadValue(f"{variant!r} is no variant of {name!r}", "write a word, as in {reply_received: interested}")
    if name in WITHOUT_VARIANTS or (name in FACTS and FACTS[name].variant_field is None):
        raise BadValue(f"{name!r} has no variants", f"write {name!r} alone")
    known = known_variants(name)
    if known and variant not in known:
        raise BadValue(f"{name!r} is never {variant!r}", f"write one of {', '.join(known)}")


def known_variants(name: str) -> tuple[str, ...]:
    """The variants that a fact may have, where they are limited."""
    return FACTS[name].variants() if name in FACTS else ()


def read_triggers(written: object) -> tuple[str, ...]:
    """Read what a play waits for: one trigger or a list of them.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    if isinstance(written, tuple):
        return written
    if isinstance(written, list):
        return tuple(key for keys in read_parts(enumerate(written), _read_trigger) for key in keys)
    return _read_trigger(written)


def _read_trigger(written: object) -> tuple[str, ...]:
    if isinstance(written, str):
        return event_keys(written, None)
    if isinstance(written, dict) and len(written) == 1:
        (name,) = written
        return read_parts(written.items(), lambda variant: event_keys(str(name), variant))[0]
    if written is None:
        raise BadValue("nothing stands here", "write a fact's name, or {fact: variant}")
    if isinstance(written, dict) and written:
        several = ", ".join(f"{{{name}: …}}" for name in written)
        raise BadValue("several facts stand in one mapping", f"write them as a list: [{several}]")
    raise BadValue(f"{written!r} is no trigger", "write a fact's name, or {fact: variant}")


Triggers = Annotated[tuple[str, ...], BeforeValidator(read_triggers), WithJsonSchema({"$comment": "Triggers"})]
"""Facts and events, by key, as a field of a playbook's model."""
