"""Files that are made from the code, each with its text as it should be. ``python -m tests.generated`` writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dealwright.playbook.schema.json_schema import schema_text
from simulation.playbook_tests.schema import schema_text as text_of_tests_schema
from simulation.policies.schema import schema_text as text_of_policies_schema
from tests import wire_names
from tests.table_of_facts import table_of_facts

ROOT = Path(__file__).parents[1]
COMMAND = "python -m tests.generated"
SCHEMA = ROOT / "playbooks" / "playbook.schema.json"
SCHEMA_OF_TESTS = ROOT / "playbooks" / "tests.schema.json"
SCHEMA_OF_POLICIES = ROOT / "playbooks" / "policies.schema.json"
TRIGGERS = ROOT / "docs" / "playbook" / "triggers.md"
_FACTS = (f"<!-- The facts, as their classes say. Made by: {COMMAND} -->\n\n", "\n\n<!-- The end of the facts. -->")


def files() -> Iterator[tuple[Path, str]]:
    """Every file that is made from the code, wholly or in a part, with the text that it should have."""
    yield SCHEMA, schema_text()
    yield SCHEMA_OF_TESTS, text_of_tests_schema()
    yield SCHEMA_OF_POLICIES, text_of_policies_schema()
    yield TRIGGERS, with_facts(TRIGGERS.read_text("utf-8"))
    yield wire_names.FILE, wire_names.text_with_new_names()


def with_facts(text: str) -> str:
    """The page of triggers with the table of facts of today."""
    begin, end = _FACTS
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}{table_of_facts()}{end}{after}"


if __name__ == "__main__":
    for path, text in files():
        path.write_text(text, encoding="utf-8")
