"""The demo with all tools: one life, told as it happens, in which every webhook comes twice; then the books."""

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
from demo.all_tools.part import PHASES, Life
from demo.all_tools.parts import hubspot, mail
from demo.all_tools.tools import PARTS, not_there
from demo.director import Director
from demo.reconciliation import is_at_work
from demo.slack_count import messages_in
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
_NOT_TOLD = {IntakeState.WAITING, IntakeState.UNMATCHED, IntakeState.REFUSED, IntakeState.SET_ASIDE}


async def run_all_tools(stack: Stack, console: Console) -> bool:
    """Take one deal through all tools; print its story and the books. True when they agree.

    Raises:
        BadValue: the data is of an earlier one, whose clocks are ahead.
    """
    if stack.skipper is None:
        raise TypeError("the demo's deal needs a clock of its own")
    began, books = datetime.now(UTC), await stack.simulators["stripe"].state()
    if books["subscriptions"]:
        raise BadValue("the data is of an earlier life with all tools", "name an empty directory", ("--data",))
    await bundles.publish(stack.store, "all-tools", playbook_files())
    for simulator in stack.simulators.values():
        await simulator.switch(duplicate=-1)
    before = len(await messages_in(stack.simulators["slack"]))
    deal_id = await hubspot.begin(stack.simulators["hubspot"])
    director = Director("a", deal_id, stack.deals, stack.skipper, stack.gateway_url, stack.simulators)
    life = Life(director, stack, began, noted={"slack messages before": str(before)})
    console.print(f"(a) {deal_id}: one life in {', '.join(part.tool for part in PARTS)}", soft_wrap=True)
    faults = await _tell(life, console)
    if not faults:
        faults = await _compare(life, console)
    for fault in faults:
        console.print(Text.assemble(("fault: ", "red"), fault), soft_wrap=True)
    verdict = ("The books do not agree.", "red") if faults else ("All books agree.", "green")
    console.print(Text.assemble(verdict, f" {(datetime.now(UTC) - began).total_seconds():.1f} s"))
    return not faults


def playbook_files() -> dict[str, str]:
    """The playbook that the life follows, as a bundle."""
    folder = files("demo.all_tools") / "playbook"
    letters = {f"templates/{one.name}": one.read_text("utf-8") for one in (folder / "templates").iterdir()}
    return {"playbook.yaml": (folder / "playbook.yaml").read_text("utf-8"), **letters}


async def _tell(life: Life, console: Console) -> list[str]:
    """Let every tool act in each phase; returns what went wrong."""
    done = asyncio.Event()
    printer = StoryPrinter(console, life.stack.store, {life.deal.deal_id: life.deal.letter})
    telling = asyncio.create_task(printer.print_until(done))
    try:
        for phase in PHASES:
            for part in PARTS:
                if (act := part.acts.get(phase)) is not None:
                    await act(life)
    except Exception as error:  # noqa: BLE001 - whatever it is, the story so far is shown with it
        return [str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"]
    finally:
        done.set()
        await telling
    return []


async def _compare(life: Life, console: Console) -> list[str]:
    """Show the books once nothing is on its way any more; returns what does not agree."""
    await life.until("nothing is on its way", lambda: _is_quiet(life))
    books = [(part, line) for part in PARTS for line in await lines_of(part, life)]
    faults = show_books(books, not_there(), console)
    kept = await intake.counts(life.stack.store)
    lost = {state: count for state, count in kept.items() if state in _NOT_TOLD and count}
    faults += [f"{count} events are {state.value}, and no deal was told" for state, count in lost.items()]
    attention = (await life.deal.snapshot()).attention
    return faults + [f"the deal asks for attention: {text}" for text in attention.values()]


async def _is_quiet(life: Life) -> bool:
    waiting = [(await simulator.webhooks()).waiting for simulator in life.stack.simulators.values()]
    kept = await intake.counts(life.stack.store)
    return (
        not any(waiting)
        and not kept.get(IntakeState.WAITING)
        and not (await is_at_work(life.stack.store, life.stack.client, life.deal.deal_id))
    )
