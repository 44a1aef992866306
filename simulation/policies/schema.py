"""The JSON Schema of ``policies.yaml``, so that editors complete and check policies while they are written."""

from __future__ import annotations

import json

from pydantic.json_schema import models_json_schema

from dealwright.playbook.schema.json_schema import playbook_schema
from dealwright.playbook.schema.tidying import (
    Json,
    Schema,
    describe,
    mapping,
    tidy_list_of,
)
from simulation.policies.policy import NEXT_STEP, AlwaysWhen, MoreThan, NeverWhen, Policy
from simulation.timeline.schema import names_alone, pattern_keys


def schema_of_policies() -> Schema:
    """The schema of a file of policies."""
    models = (Policy, NeverWhen, AlwaysWhen, MoreThan)
    _, made = models_json_schema([(model, "validation") for model in models], ref_template="#/$defs/{model}")
    definitions = mapping(made["$defs"])
    for model in models:
        describe(mapping(definitions[model.__name__]), model)
    never, always = (mapping(mapping(definitions[name])["properties"]) for name in ("NeverWhen", "AlwaysWhen"))
    next_step: Schema = {"const": NEXT_STEP, "description": "An open deal has somebody's next step."}
    conditions = mapping(playbook_schema()["$defs"])
    definitions |= conditions | {
        "Happening": _happening(),
        "Happenings": _happenings(),
        "Never": {"anyOf": _rule(never)},
        "Always": {"anyOf": [next_step, *_rule(always)]},
    }
    mapping(definitions["Policy"])["oneOf"] = [{"required": ["never"]}, {"required": ["always"]}]
    schema: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Policies of a Dealwright playbook",
        "type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Policy"}, "$defs": definitions,
    }  # fmt: skip
    tidy_list_of(schema, definitions)
    return schema


def schema_text() -> str:
    """The schema as the text of its file, ``playbooks/policies.schema.json``."""
    return json.dumps(schema_of_policies(), indent=2, ensure_ascii=False) + "\n"


def _happening() -> Schema:
    return {"description": "What happens.", "anyOf": [names_alone(), _object(pattern_keys())]}


def _happenings() -> Schema:
    one: Schema = {"$ref": "#/$defs/Happening"}
    return {
        "description": "What happens, any of these.",
        "anyOf": [one, {"type": "array", "minItems": 1, "items": one}],
    }


def _rule(when: Schema) -> list[Json]:
    """What happens and when, or a condition."""
    return [_object({**pattern_keys(), **when}), {"$ref": "#/$defs/Condition"}]


def _object(properties: Schema) -> Schema:
    return {"type": "object", "minProperties": 1, "properties": properties, "additionalProperties": False}
