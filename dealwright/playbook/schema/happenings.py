"""Facts and events in JSON Schemas: as triggers and conditions of a playbook name them, with their variants."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import get_args

from dealwright.calendar.durations import ELAPSED
from dealwright.facts import FACTS, AboutPerson
from dealwright.fold.counting import MOST_COUNTED
from dealwright.playbook.language.contacts import From
from dealwright.playbook.language.triggers import ANY, EVENTS, WITH_OUTCOMES, WITHOUT_VARIANTS, known_variants
from dealwright.playbook.schema.tidying import Json, Schema, one_of_these


def trigger() -> Schema:
    """The definition of one trigger."""
    names: list[Json] = [
        {"const": name, "description": words} if words else {"const": name} for name, words in facts_and_events()
    ]
    with_variant = {name: asked_by(name) for name, _ in facts_and_events()}
    return {
        "description": "A fact or event; with a variant: {reply_received: interested}.",
        "anyOf": [*names, one_of_these({**with_variant})],
    }


def triggers() -> Schema:
    """The definition of what waits for one trigger or several."""
    one: Schema = {"$ref": "#/$defs/Trigger"}
    return {
        "description": "Facts and events to wait for: one, or a list of which any counts.",
        "anyOf": [one, {"type": "array", "items": one}],
    }


def count(**besides: Schema) -> Schema:
    """The definition of what counts how often a fact happened; ``besides`` is what else may be said of it."""
    facts: Schema = {}
    for name, words in facts_and_events():
        if name in FACTS:
            facts[name] = {"description": words, **asked_by(name)}
    times: Schema = {"type": "integer", "minimum": 2, "maximum": MOST_COUNTED, "description": "How often."}
    within: Schema = {
        "description": "With no more than that between the first and the last: minutes, hours or days.",
        "type": "string",
        "pattern": f"^[1-9][0-9]{{0,8}}({'|'.join(ELAPSED)})$",
    }
    return {
        "description": "A fact that happened so often: {buying_signal_seen: invite, times: 3, within: 7d}.",
        "type": "object",
        "minProperties": 2,
        "maxProperties": 3 + len(besides),
        "properties": {**facts, "times": times, "within": within, **besides},
        "required": ["times"],
        "additionalProperties": False,
    }


def until() -> Schema:
    """The definition of what stops a play: triggers, of which those about a person may say from whom."""
    people: Schema = {}
    for name, fact in FACTS.items():
        if issubclass(fact, AboutPerson):
            people[name] = asked_by(name)
    whose: Schema = {"enum": [*get_args(From)], "description": "Whose counts in a play that runs for each contact."}
    of_whom: Schema = {
        "type": "object",
        "properties": {**people, "from": whose},
        "required": ["from"],
        "minProperties": 2,
        "maxProperties": 2,
        "additionalProperties": False,
    }
    one: Schema = {"anyOf": [{"$ref": "#/$defs/Trigger"}, of_whom]}
    return {
        "description": "What stops a play: one fact or event, or a list of which any counts.",
        "anyOf": [one, {"type": "array", "items": one}],
    }


def variants_of(name: str) -> Schema | None:
    """What may stand as the variant of a fact or event; None where it has none."""
    if name in WITHOUT_VARIANTS or (name in FACTS and FACTS[name].variant_field is None):
        return None
    known = known_variants(name)
    one: Schema = {"enum": list(known)} if known else {"type": "string"}
    if name in WITH_OUTCOMES:
        text: Schema = {"type": "string"}
        several: Schema = {"type": "array", "minItems": 1, "items": text}
        by_outcome: Schema = {"anyOf": [text, several]}
        one = {"anyOf": [text, {"type": "object", "minProperties": 1, "additionalProperties": by_outcome}]}
    return {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


def asked_by(name: str) -> Schema:
    """What may stand beside a fact or event that is asked for: a variant, several, or any."""
    variants, whichever = variants_of(name), Schema({"const": ANY})
    return whichever if variants is None else {"anyOf": [variants, whichever]}


def facts_and_events() -> Iterator[tuple[str, str]]:
    """Every fact and event, with what it means."""
    for name, fact in FACTS.items():
        yield name, (inspect.getdoc(fact) or "").partition("\n\n")[0].replace("``", "")
    for name, when in EVENTS.items():
        yield name, f"{when[0].upper()}{when[1:]}."
