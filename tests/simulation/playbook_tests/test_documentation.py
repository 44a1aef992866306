"""docs/playbook-tests.md names everything that a test may say, and its examples can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulation.playbook_tests.language import PlaybookTest
from simulation.playbook_tests.reading import check_tests
from simulation.timeline.patterns import PATTERNS
from tests.dealwright.playbook.shipped_stories import RULES

TEXT = (Path(__file__).parents[3] / "docs" / "playbook-tests.md").read_text(encoding="utf-8")
FIELDS = {name for model in PATTERNS.values() for name in model.model_fields}
SAID = {"never", "in_order", "at", "by", "after", "before", "times"}


@pytest.mark.parametrize("word", sorted({*PlaybookTest.model_fields, *FIELDS, *SAID}))
def test_everything_that_a_test_may_say_is_documented(word: str) -> None:
    assert word in set(re.findall(r"[a-z_]+", TEXT))


def test_the_example_of_a_whole_test_can_be_read() -> None:
    (example,) = re.findall(r"```yaml\n(# playbooks.*?)```", TEXT, flags=re.DOTALL)
    assert check_tests(example, RULES) == ()


@pytest.mark.parametrize("key", ["given", "when", "then"])
def test_the_examples_of_parts_can_be_read(key: str) -> None:
    (example,) = re.findall(rf"```yaml\n({key}:.*?)```", TEXT, flags=re.DOTALL)
    test = "- name: it\n" + re.sub(r"^", "  ", example, flags=re.MULTILINE)
    if key != "then":
        test += "\n  then: {stage: any}"
    assert check_tests(test, RULES) == ()
