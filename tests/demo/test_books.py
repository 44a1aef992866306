"""The table of books at the end of the life with all tools, and what it says of a difference."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from demo.all_tools.books import show_books
from demo.all_tools.houses import FIRST, OTHERS
from demo.all_tools.part import PHASES, Life, Line, Part
from demo.all_tools.run import playbook_files
from demo.all_tools.tools import PARTS, not_there
from integrations.registry import TOOLS


async def nothing(_: Life) -> list[Line]:
    return []


BILLING = Part(tool="stripe", does="billing", acts={}, compare=nothing)


def shown(*lines: Line) -> tuple[list[str], str]:
    out = StringIO()
    faults = show_books(
        [(BILLING, line) for line in lines],
        {"meteroid": "it has no part in a life yet"},
        Console(file=out, width=200),
    )
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


def test_who_took_no_part_is_said_with_why() -> None:
    assert "Meteroid took no part: it has no part in a life yet" in shown()[1]


def test_each_tool_that_has_a_simulator_takes_part() -> None:
    simulated = {name for name, tool in TOOLS.items() if tool.simulated}

    assert simulated <= {part.tool for part in PARTS}
    assert not_there() == {}


def test_no_tool_is_in_two_installations_and_each_deal_is_in_one() -> None:
    simulated = [name for house in (FIRST, *OTHERS) for name in house.simulated]

    assert len(simulated) == len(set(simulated))
    assert sorted(deal for house in (FIRST, *OTHERS) for deal in house.deals) == sorted({part.deal for part in PARTS})


def test_tools_act_in_phases_that_there_are() -> None:
    assert {phase for part in PARTS for phase in part.acts} == set(PHASES)


def test_the_playbooks_of_the_lives_have_their_messages() -> None:
    assert playbook_files("in-salesforce").keys() == playbook_files("in-pipedrive").keys() == {"playbook.yaml"}
    assert playbook_files("other-tools").keys() == {"playbook.yaml", "templates/our-offer.md"}
    assert playbook_files("all-tools").keys() == {"playbook.yaml", "templates/hello.md", "templates/see-you.sms.md"}
