"""docs/policies.md names everything that a policy may say, and its examples can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import playbooks
from dealwright.playbook.loading import load_bundle
from dealwright.yaml.document import read_yaml
from simulation.policies.policy import AlwaysWhen, MoreThan, NeverWhen, Policy
from simulation.policies.reading import check_policies
from simulation.policies.schema import schema_of_policies
from tests.dealwright.playbook.shipped_stories import RULES
from tests.simulation.proving.policies import text_of

TEXT = (Path(__file__).parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")
KEYS = {
    info.alias or name
    for model in (Policy, NeverWhen, AlwaysWhen, MoreThan)
    for name, info in model.model_fields.items()
}
ROWS = re.findall(r"^\| `((?:never|always): .*?)` \|", TEXT, flags=re.MULTILINE)
VALIDATOR: Any = jsonschema.Draft202012Validator(schema_of_policies())


def problems(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(read_yaml(text, "policies.yaml").data)]


@pytest.mark.parametrize("key", sorted(KEYS))
def test_everything_that_a_policy_may_say_is_documented(key: str) -> None:
    assert key in set(re.findall(r"[a-z_]+", TEXT))


def test_the_example_can_be_read() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)

    assert check_policies(example, RULES) == ()
    assert problems(example) == []


@pytest.mark.parametrize("row", ROWS)
def test_each_form_of_the_table_can_be_read(row: str) -> None:
    text = f"- name: one\n  {row}".replace("offer", "welcome")

    assert check_policies(text, RULES) == ()
    assert problems(text) == []


@pytest.mark.parametrize("name", playbooks.shipped())
def test_the_policies_of_a_shipped_playbook_fit_it_and_the_schema(name: str) -> None:
    assert check_policies(text_of(name), load_bundle(playbooks.shipped()[name])) == ()
    assert problems(text_of(name)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "- never: {email: any}",
        "- {name: one}",
        "- {name: one, never: {emial: any}}",
        "- {name: one, never: {email: any, within: 2 days}}",
        "- {name: one, never: {email: any}, always: next_step}",
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(wrong: str) -> None:
    assert check_policies(wrong, RULES) != ()
    assert problems(wrong) != []
