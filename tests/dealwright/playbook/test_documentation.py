"""docs/playbook.md and its pages name everything that a playbook may say, and their examples load."""

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

DOCS = Path(__file__).parents[3] / "docs"
TESTS = DOCS.parent / "tests"
OVERVIEW = DOCS / "playbook.md"
LOOKED_UP = "## What it does, and what shows it"
"""The table below is looked up, and not read."""
PAGES = sorted((DOCS / "playbook").glob("*.md"))
TEXT = "\n".join(page.read_text("utf-8") for page in (OVERVIEW, *PAGES))
WORDS = set(re.findall(r"[a-z0-9_.]+", TEXT))
SCHEMA: Any = playbook_schema()
FIVE_MINUTES = 1200  # words, of which the commands and keys are passed over
KEYS = sorted({key for part in (SCHEMA, *SCHEMA["$defs"].values()) for key in part.get("properties", {})})


@pytest.mark.parametrize("word", [*FACTS, *EVENTS, *KEYS, *ACTIONS, *DATED_PATHS, *VARIABLES])
def test_everything_that_a_playbook_may_say_is_documented(word: str) -> None:
    assert word in WORDS


def test_the_table_of_facts_says_what_their_classes_say() -> None:
    assert with_facts(TEXT) == TEXT, f"A fact changed. Run: {COMMAND}"


def test_the_overview_is_read_in_five_minutes() -> None:
    before, _, rest = OVERVIEW.read_text("utf-8").partition(LOOKED_UP)
    after = rest[rest.index("\n## ") :]
    assert len((before + after).split()) <= FIVE_MINUTES


@pytest.mark.parametrize("page", [OVERVIEW, DOCS / "playbook" / "teams-say.md"], ids=lambda page: page.stem)
def test_what_shows_a_behaviour_is_a_test_that_is_there(page: Path) -> None:
    named = re.findall(r"`((?:[a-z_]+/)*test_[a-z_0-9]+\.py)`", page.read_text("utf-8"))
    assert len(named) > 10
    missing = [one for one in named if not (TESTS / one.removeprefix("tests/")).exists()]
    assert [one for one in missing if not (TESTS / "dealwright" / one).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_overview_leads_to_every_page_and_each_page_back(page: Path) -> None:
    assert f"](playbook/{page.name})" in OVERVIEW.read_text("utf-8")
    assert "](../playbook.md)" in page.read_text("utf-8")


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
