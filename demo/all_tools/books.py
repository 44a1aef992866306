"""Compares the books at the end, deal against tool, and shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.all_tools.part import Life, Line, Part
from integrations.registry import TOOLS

_TITLES = {
    "mail": "Mail",
    "product": "The team's own product",
    "phones": "The team's telephones",
    "events": "Events",
    "endpoints": "The team's warehouse",
}


async def lines_of(part: Part, life: Life) -> list[Line]:
    """What a tool's books say beside the deal's: its own lines, and what people did there beside what was heard."""
    did, heard = life.did.get(part.told_as, Counter[str]()), await life.told_by(part.told_as)
    own = await part.compare(life)
    return [*own, Line("what it told, once each", _counted(heard), _counted(did))]


def show_books(books: Sequence[tuple[Part, Line]], absent: Mapping[str, str], console: Console) -> list[str]:
    """Print the table; returns what does not agree."""
    table = Table(
        "tool", "what", "the deal says", "the tool has", "", title="The books", title_justify="left", box=None
    )
    before, faults = "", list[str]()
    for part, line in books:
        verdict = Text("agrees", "green") if line.agrees else Text("DIFFERS", "red")
        name = f"{title_of(part.tool)} ({part.does})" if part.tool != before else ""
        table.add_row(name, line.what, _shown(line.in_the_deal), _shown(line.in_the_tool), verdict)
        before = part.tool
        if not line.agrees:
            faults.append(f"{part.tool}: {line.what}: {line.in_the_deal} in the deal, {line.in_the_tool} there")
    console.print(table)
    for tool, lines in _by_tool(books).items():
        if not any(line.says_something for line in lines):
            faults.append(f"{tool}: nothing was told in either direction: it took no part")
    for name, why in absent.items():
        if not why:
            faults.append(f"{name}: it took no part, and nothing says why")
        console.print(f"{title_of(name)} took no part: {why}", soft_wrap=True)
    return faults


def _by_tool(books: Sequence[tuple[Part, Line]]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for part, line in books:
        found.setdefault(part.tool, []).append(line)
    return found


def title_of(tool: str) -> str:
    """What a tool is called for people."""
    return _TITLES.get(tool) or TOOLS[tool].title


def _counted(facts: Counter[str]) -> list[str]:
    said = ((fact.replace("_", " "), times) for fact, times in sorted(facts.items()))
    return [f"{fact} ({times})" if times > 1 else fact for fact, times in said]


def _shown(value: object) -> Text:
    return Text(", ".join(map(str, value)) or "nothing" if isinstance(value, list) else str(value))
