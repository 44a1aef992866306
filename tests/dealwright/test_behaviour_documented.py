"""``docs/behaviour.md`` promises nothing without a property that is tried, and a fault that the property notices."""

from __future__ import annotations

import re
from pathlib import Path

from simulation.examiner import LAWS
from tests.dealwright.test_planted_faults_of_laws import FAULTS

TEXT = (Path(__file__).parents[2] / "docs" / "behaviour.md").read_text()
ROWS = re.findall(r"^\| (?!promise|---).+? \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)


def names(cells: str) -> list[str]:
    return re.findall(r"`(\w+)`", cells)


def test_every_law_stands_in_it_and_every_property_in_it_is_tried() -> None:
    assert [name for cells, _ in ROWS for name in names(cells)] == [law.__name__ for law in LAWS]


def test_every_fault_in_it_is_planted_against_its_property_and_none_is_left_out() -> None:
    told = [(fault, names(law)[0]) for law, faults in ROWS for fault in names(faults)]

    assert told == [(plant.__name__, check) for plant, check, _ in FAULTS]
