"""docs/playbook.md names everything that a playbook may say, and its examples load."""

import re
from pathlib import Path
from typing import Any

import pytest

from dealwright.facts import FACTS
from dealwright.playbook.checks.templates import VARIABLES
from dealwright.playbook.language.paths import DATED_PATHS, all_paths
from dealwright.playbook.language.steps.any_step import ACTIONS
from dealwright.playbook.language.triggers import EVENTS
from dealwright.playbook.loading import load_playbook
from dealwright.playbook.schema.json_schema import playbook_schema
from tests.generated import COMMAND, with_facts

TEXT = (Path(__file__).parents[3] / "docs" / "playbook.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"[a-z0-9_.]+", TEXT))
SCHEMA: Any = playbook_schema()
KEYS = sorted({key for part in (SCHEMA, *SCHEMA["$defs"].values()) for key in part.get("properties", {})})


@pytest.mark.parametrize("word", [*FACTS, *EVENTS, *KEYS, *ACTIONS, *DATED_PATHS, *VARIABLES])
def test_everything_that_a_playbook_may_say_is_documented(word: str) -> None:
    assert word in WORDS


def test_the_table_of_facts_says_what_their_classes_say() -> None:
    assert with_facts(TEXT) == TEXT, f"A fact changed. Run: {COMMAND}"


@pytest.mark.parametrize("path", all_paths())
def test_every_path_is_documented(path: str) -> None:
    part, _, field = path.partition(".")
    row = next(line for line in TEXT.splitlines() if line.startswith("| ") and f"`{part}.`" in line)

    assert f"`{field}`" in row


def test_the_example_of_a_whole_playbook_loads() -> None:
    examples = re.findall(r"```yaml\n(playbook: .*?)```", TEXT, flags=re.DOTALL)

    assert [load_playbook(example).playbook for example in examples] == ["five-steps"]


@pytest.mark.parametrize("key", ["handoffs", "approvals", "sources", "experiments", "pools"])
def test_the_examples_of_parts_load(key: str) -> None:
    (example,) = re.findall(rf"```yaml\n({key}:.*?)```", TEXT, flags=re.DOTALL)
    roles = "{account_executive: {}, csm: {}, csm_lead: {}, sales_manager: {}, finance: {}, cfo: {}, ceo: {}}"
    fields = "{payment_days: number}"

    assert load_playbook(f"playbook: x\nroles: {roles}\nfields: {fields}\nstages: [{{name: s, owner: csm}}]\n{example}")
