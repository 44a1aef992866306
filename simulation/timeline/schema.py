"""Patterns in JSON Schemas: the keys by which a file says what happens, for its editor."""

from __future__ import annotations

from dealwright.playbook.schema.happenings import facts_and_events, variants_of
from dealwright.playbook.schema.tidying import Schema, describe, mapping
from simulation.timeline.pattern import ANY
from simulation.timeline.patterns import PATTERNS

_NAMES: Schema = {
    "anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}],
    "default": ANY,
}


def pattern_keys() -> Schema:
    """Every key of every pattern, with what it means. Which of them go together, the reader of the file says."""
    keys: Schema = {}
    for model in PATTERNS.values():
        described: Schema = model.model_json_schema()
        describe(described, model)
        for name, part in mapping(described["properties"]).items():
            said = {key: value for key, value in mapping(part).items() if key == "description"}
            plain = mapping(part).get("anyOf") is None or name in {"text", "marketing"}
            keys.setdefault(name, part if plain else {**_NAMES, **said})
    for name, meaning in facts_and_events():
        variants = variants_of(name)
        keys[name] = {"description": meaning, **(variants if variants is not None else {"type": "null"})}
    return keys


def names_alone() -> Schema:
    """The facts and events that may stand for themselves."""
    return {"enum": [name for name, _ in facts_and_events()]}
