"""The demo with all tools: two lives, told as they happen, in which every webhook comes twice; then the books."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from types import MappingProxyType

from rich.console import Console
from rich.text import Text

from dealwright.diagnostics.diagnostic import BadValue
from demo.all_tools.books import lines_of, show_books
from demo.all_tools.part import PHASES, Life, read_beside
from demo.all_tools.parts import hubspot, mail
from demo.all_tools.parts.second_deal import PLAYBOOK, open_second_deal
from demo.all_tools.tools import PARTS, not_there
from demo.director import Director
from demo.reconciliation import is_at_work
from demo.story_printer import StoryPrinter
from integrations.registry import TOOLS
from local.simulators import MailIn, Said
from local.stack import Stack
from store import bundles, intake
from store.intake import IntakeState

SIMULATED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {part.tool: part.options for part in PARTS if part.tool in TOOLS and TOOLS[part.tool].simulated}
)
"""The tools' simulators, with their options."""
SAID = Said(
    MailIn(f"deals@{mail.DOMAIN}", mail.LOGIN), billing="stripe", blocks={part.tool: part.block for part in PARTS}
)
"""What the installation says besides."""
READ = tuple(name for name in SIMULATED if TOOLS[name].polling is not None)
"""Those that are read beside their webhooks as well."""
_NOT_TOLD = {IntakeState.WAITING, IntakeState.UNMATCHED, IntakeState.REFUSED, IntakeState.SET_ASIDE}


async def run_all_tools(stack: Stack, console: Console) -> bool:
    """Take two deals through all tools; print their stories and the books. True when they agree.

    Raises:
        BadValue: the data is of an earlier one, whose clocks are ahead.
    """
    if (await stack.simulators["stripe"].state())["subscriptions"]:
        raise BadValue("the data is of an earlier life with all tools", "name an empty directory", ("--data",))
    began = datetime.now(UTC)
    for name in ("all-tools", PLAYBOOK):
        await bundles.publish(stack.store, name, playbook_files(name))
    for simulator in stack.simulators.values():
        await simulator.switch(duplicate=-1)
    await read_beside(stack, *READ)  # what a tool held before is told to nobody, and some subscribe only then
    lives = await _begin(stack, began)
    for deal, life in lives.items():
        tools = ", ".join(part.tool for part in PARTS if part.deal == deal)
        console.print(f"({life.deal.letter}) {life.deal.deal_id}: one life in {tools}", soft_wrap=True)
    faults = await _tell(stack, lives, console) or await _compare(stack, lives, console)
    for fault in faults:
        console.print(Text.assemble(("fault: ", "red"), fault), soft_wrap=True)
    verdict = ("The books do not agree.", "red") if faults else ("All books agree.", "green")
    console.print(Text.assemble(verdict, f" {(datetime.now(UTC) - began).total_seconds():.1f} s"))
    return not faults


def playbook_files(name: str) -> dict[str, str]:
    """A playbook that a life follows, as a bundle."""
    folder = files("demo.all_tools") / "playbooks" / name
    letters = folder / "templates"
    read = {f"templates/{one.name}": one.read_text("utf-8") for one in letters.iterdir()} if letters.is_dir() else {}
    return {"playbook.yaml": (folder / "playbook.yaml").read_text("utf-8"), **read}


async def _begin(stack: Stack, began: datetime) -> dict[str, Life]:
    """Two deals: one that somebody enters in HubSpot, and one that a service opens."""
    if stack.skipper is None:
        raise TypeError("the demo's deals need clocks of their own")
    ids = {"first": await hubspot.begin(stack.simulators["hubspot"]), "second": f"moss-{began:%Y%m%d-%H%M%S}"}
    lives = {}
    for letter, (name, id_) in zip("ab", ids.items(), strict=True):
        director = Director(letter, id_, stack.deals, stack.skipper, stack.gateway_url, stack.simulators)
        lives[name] = Life(director, stack, began)
    return lives


async def _tell(stack: Stack, lives: Mapping[str, Life], console: Console) -> list[str]:
    """Live both lives, side by side; returns what went wrong."""
    done = asyncio.Event()
    letters = {life.deal.deal_id: life.deal.letter for life in lives.values()}
    telling = asyncio.create_task(StoryPrinter(console, stack.store, letters).print_until(done))
    try:
        results = await asyncio.gather(*map(_live, lives, lives.values()), return_exceptions=True)
    finally:
        done.set()
        await telling
    wrong = [one for one in results if isinstance(one, BaseException)]
    return [str(one) if isinstance(one, AssertionError) else f"{type(one).__name__}: {one}" for one in wrong]


async def _live(deal: str, life: Life) -> None:
    """Let every tool of a deal act in each phase."""
    for phase in PHASES:
        if phase == "lead" and deal == "second":
            await open_second_deal(life)
        for part in PARTS:
            if part.deal == deal and (act := part.acts.get(phase)) is not None:
                await act(life)


async def _compare(stack: Stack, lives: Mapping[str, Life], console: Console) -> list[str]:
    """Read every tool once more, and show the books once nothing is on its way; returns what does not agree."""
    await _until_quiet(stack, lives)
    await read_beside(stack, *READ)
    await _until_quiet(stack, lives)
    books = [(part, line) for part in PARTS for line in await lines_of(part, lives[part.deal])]
    faults = show_books(books, not_there(), console)
    kept = await intake.counts(stack.store)
    lost = {state: count for state, count in kept.items() if state in _NOT_TOLD and count}
    faults += [f"{count} events are {state.value}, and no deal was told" for state, count in lost.items()]
    attention = [text for life in lives.values() for text in (await life.deal.snapshot()).attention.values()]
    return faults + [f"a deal asks for attention: {text}" for text in attention]


async def _until_quiet(stack: Stack, lives: Mapping[str, Life]) -> None:
    async def quiet() -> bool:
        waiting = [(await simulator.webhooks()).waiting for simulator in stack.simulators.values()]
        kept = await intake.counts(stack.store)
        busy = [await is_at_work(stack.store, stack.client, life.deal.deal_id) for life in lives.values()]
        return not any(waiting) and not kept.get(IntakeState.WAITING) and not any(busy)

    await lives["first"].until("nothing is on its way", quiet)
