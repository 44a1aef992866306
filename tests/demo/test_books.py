"""The table of books at the end of the life with all tools, and what it says of a difference."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo.all_tools.books import show_books
from demo.all_tools.houses import FIRST, OTHERS
from demo.all_tools.part import PHASES, Life, Line, Part
from demo.all_tools.run import playbook_files
from demo.all_tools.tools import CANNOT, PARTS, not_there
from integrations.mail.providers import MAIL_TOOLS
from integrations.registry import TOOLS

INDEX = (Path(__file__).parents[2] / "docs" / "integrations" / "index.md").read_text("utf-8")


async def nothing(_: Life) -> list[Line]:
    return []


BILLING = Part(tool="stripe", does="billing", acts={}, compare=nothing)


def shown(*lines: Line, why: str = "nobody was billed there") -> tuple[list[str], str]:
    out = StringIO()
    faults = show_books([(BILLING, line) for line in lines], {"meteroid": why}, Console(file=out, width=200))
    return faults, out.getvalue()


def test_books_that_agree_are_no_fault() -> None:
    faults, text = shown(Line("subscriptions", 2, 2), Line("invoices", ["a", "b"], ["a", "b"]))

    assert faults == []
    assert text.count("agrees") == 2


@pytest.mark.parametrize(("here", "there"), [(1, 2), (["paid"], ["paid", "paid"]), ([], ["paid"])])
def test_a_line_that_differs_is_a_fault_and_named(here: object, there: object) -> None:
    faults, text = shown(Line("invoices", here, there))

    assert faults == [f"stripe: invoices: {here} in the deal, {there} there"]
    assert "DIFFERS" in text


@pytest.mark.parametrize("nothing_there", [Line("invoices", 0, 0), Line("what it told", [], [])])
def test_books_in_which_nothing_stands_are_a_fault(nothing_there: Line) -> None:
    faults, _ = shown(nothing_there)

    assert faults == ["stripe: nothing was told in either direction: it took no part"]


def test_who_took_no_part_is_said_with_why() -> None:
    faults, text = shown(Line("invoices", 1, 1))

    assert faults == []
    assert "Meteroid took no part: nobody was billed there" in text


def test_who_took_no_part_without_a_reason_is_a_fault() -> None:
    assert shown(Line("invoices", 1, 1), why="")[0] == ["meteroid: it took no part, and nothing says why"]


def test_each_tool_of_the_registry_takes_part_or_cannot() -> None:
    assert TOOLS.keys() - {part.tool for part in PARTS} == CANNOT.keys()
    assert not_there() == CANNOT


def test_each_row_of_the_list_of_integrations_takes_part_or_says_why_it_cannot() -> None:
    listed = {tool for page in pages_listed() for tool in tools_of(page)}

    assert listed >= TOOLS.keys()
    assert listed <= {part.tool for part in PARTS} | CANNOT.keys()
    for tool, why in CANNOT.items():
        assert f"{TOOLS[tool].title}: {why}" in INDEX


def pages_listed() -> list[str]:
    """The pages in the index's list of tools, without ``.md``."""
    pages = re.findall(r"^\| .+ \| \[([a-z-]+)\.md\]\(\1\.md\) \|$", INDEX, re.MULTILINE)
    assert {"hubspot", "mail", "mapping-files"} <= set(pages)
    return pages


def tools_of(page: str) -> set[str]:
    """The tools that a page is about, as the demo calls them."""
    several = {"mail": {tool.name for tool in MAIL_TOOLS}, "mapping-files": {"phones"}}
    return several.get(page, {page.replace("-", "_")})


def test_what_runs_around_the_installations_is_connected_to_those_that_start_after_it() -> None:
    assert not [part.tool for part in FIRST.parts if part.connected]


def test_no_tool_is_in_two_installations_and_each_deal_is_in_one() -> None:
    simulated = [name for house in (FIRST, *OTHERS) for name in house.simulated]

    assert len(simulated) == len(set(simulated))
    assert sorted(deal for house in (FIRST, *OTHERS) for deal in house.deals) == sorted({part.deal for part in PARTS})


def test_tools_act_in_phases_that_there_are() -> None:
    assert {phase for part in PARTS for phase in part.acts} == set(PHASES)


def test_the_playbooks_of_the_lives_have_their_messages() -> None:
    for name in ("in-salesforce", "in-pipedrive"):
        assert playbook_files(name).keys() == {"playbook.yaml", "templates/next-steps.md"}
    assert playbook_files("other-tools").keys() == {"playbook.yaml", "templates/our-offer.md"}
    assert playbook_files("all-tools").keys() == {"playbook.yaml", "templates/hello.md", "templates/see-you.sms.md"}
