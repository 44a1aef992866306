"""The demo with all tools: lives told as they happen, in which every webhook comes twice; then the books.

Tools that exclude one another, such as two CRMs, are in installations of their own, side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from types import MappingProxyType

from rich.console import Console
from rich.text import Text

from dealwright.diagnostics.diagnostic import BadValue
from demo.all_tools.around import Around, running_around
from demo.all_tools.books import lines_of, show_books, title_of
from demo.all_tools.houses import FIRST, OTHERS, House
from demo.all_tools.part import PHASES, Life, Which, read_beside
from demo.all_tools.parts import hubspot, pipedrive, salesforce
from demo.all_tools.tools import not_there
from demo.director import Director
from demo.reconciliation import is_at_work
from demo.story_printer import EACH_LINE, StoryPrinter
from integrations.kit.simulator.process import RunningSimulator
from local.stack import Stack, another_installation
from store import bundles, intake
from store.intake import IntakeState

_NOT_TOLD = {IntakeState.WAITING, IntakeState.UNMATCHED, IntakeState.REFUSED, IntakeState.SET_ASIDE}
_LETTERS: Mapping[Which, str] = MappingProxyType({"first": "a", "second": "b", "third": "c", "fourth": "d"})
_BEGUN_IN: Mapping[Which, tuple[str, Callable[[RunningSimulator], Awaitable[str]]]] = MappingProxyType(
    {
        "first": ("hubspot", hubspot.begin),
        "third": ("salesforce", salesforce.begin),
        "fourth": ("pipedrive", pipedrive.begin),
    }
)
"""The deals that somebody enters in a CRM; a service of the team's opens the other one."""


@dataclass(frozen=True)
class _Lived:
    """An installation whose deals have lived, and what went wrong."""

    house: House
    stack: Stack
    lives: Mapping[Which, Life]
    faults: Sequence[str]


async def run_all_tools(stack: Stack, console: Console) -> bool:
    """Take deals through all tools; print their stories and the books. True when they agree.

    Raises:
        BadValue: the data is of an earlier one, whose clocks are ahead.
    """
    if (await stack.simulators["stripe"].state())["subscriptions"]:
        raise BadValue("the data is of an earlier life with all tools", "name an empty directory", ("--data",))
    began = datetime.now(UTC)
    console.print(
        f"Four deals go through all tools. Tools that exclude one another are in installations of their own, side by "
        f"side. Every webhook comes twice. {EACH_LINE}",
        soft_wrap=True,
    )
    async with running_around() as around, AsyncExitStack() as running:

        async def lived(house: House) -> _Lived:
            beside = another_installation(stack, house.name, simulated=house.simulated, said=house.said(around))
            there = stack if house is FIRST else await running.enter_async_context(beside)
            return await _live_in(house, there, around, began, console)

        results = await asyncio.gather(*map(lived, (FIRST, *OTHERS)), return_exceptions=True)
        faults = [_said(one) for one in results if isinstance(one, BaseException)]
        all_lived = [one for one in results if isinstance(one, _Lived)]
        faults += [fault for one in all_lived for fault in one.faults]
        if not faults:
            faults = await _compare(all_lived, console)
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


async def _live_in(house: House, stack: Stack, around: Around, began: datetime, console: Console) -> _Lived:
    """Let the deals of an installation live, side by side, and tell their stories."""
    for name in house.deals.values():
        await bundles.publish(stack.store, name, playbook_files(name))
    for simulator in stack.simulators.values():
        await simulator.switch(duplicate=-1)
    # What a tool held before is told to nobody; and some subscribe only then.
    await read_beside(stack, *house.read_before)
    lives = {deal: await _begin(deal, stack, around, began) for deal in house.deals}
    for deal, life in lives.items():
        tools = ", ".join(title_of(part.tool) for part in house.parts if part.deal == deal)
        where = "" if house is FIRST else f", in the installation {house.name}"
        console.print(f"({life.deal.letter}) {life.deal.deal_id}: one life in {tools}{where}", soft_wrap=True)
    return _Lived(house, stack, lives, await _tell(house, stack, lives, console))


async def _begin(deal: Which, stack: Stack, around: Around, began: datetime) -> Life:
    """A deal that somebody enters in a CRM, or that a service will open."""
    if stack.skipper is None:
        raise TypeError("the demo's deals need clocks of their own")
    if deal in _BEGUN_IN:
        crm, begin = _BEGUN_IN[deal]
        id_ = await begin(stack.simulators[crm])
    else:
        id_ = f"moss-{began:%Y%m%d-%H%M%S}"
    director = Director(_LETTERS[deal], id_, stack.deals, stack.skipper, stack.gateway_url, stack.simulators)
    return Life(director, stack, around, began)


async def _tell(house: House, stack: Stack, lives: Mapping[Which, Life], console: Console) -> list[str]:
    """Live these lives, side by side; returns what went wrong."""
    done = asyncio.Event()
    letters = {life.deal.deal_id: life.deal.letter for life in lives.values()}
    telling = asyncio.create_task(StoryPrinter(console, stack.store, letters).print_until(done))
    try:
        living = [_live(house, deal, life) for deal, life in lives.items()]
        results = await asyncio.gather(*living, return_exceptions=True)
    finally:
        done.set()
        await telling
    return [_said(one) for one in results if isinstance(one, BaseException)]


async def _live(house: House, deal: Which, life: Life) -> None:
    """Let every tool of a deal act in each phase, until all of it can be read."""
    for phase in PHASES:
        for part in house.parts:
            if part.deal == deal and (act := part.acts.get(phase)) is not None:
                await act(life)
    await life.written_down()


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"


async def _compare(all_lived: Sequence[_Lived], console: Console) -> list[str]:
    """Read every tool once more, and show the books once nothing is on its way; returns what does not agree."""
    await asyncio.gather(*(_until_quiet(one.stack, one.lives) for one in all_lived))
    await asyncio.gather(*(read_beside(one.stack, *one.house.read) for one in all_lived))
    await asyncio.gather(*(_until_quiet(one.stack, one.lives) for one in all_lived))
    books = [
        (part, line)
        for one in all_lived
        for part in one.house.parts
        for line in await lines_of(part, one.lives[part.deal])
    ]
    faults = show_books(books, not_there(), console)
    for one in all_lived:
        kept = await intake.counts(one.stack.store)
        lost = {state: count for state, count in kept.items() if state in _NOT_TOLD and count}
        faults += [
            f"{count} events of {one.house.name} are {state.value}, and no deal was told"
            for state, count in lost.items()
        ]
        attention = [text for life in one.lives.values() for text in (await life.deal.snapshot()).attention.values()]
        faults += [f"a deal asks for attention: {text}" for text in attention]
    return faults


async def _until_quiet(stack: Stack, lives: Mapping[Which, Life]) -> None:
    async def quiet() -> bool:
        waiting = [(await simulator.webhooks()).waiting for simulator in stack.simulators.values()]
        kept = await intake.counts(stack.store)
        busy = [await is_at_work(stack.store, stack.client, life.deal.deal_id) for life in lives.values()]
        return not any(waiting) and not kept.get(IntakeState.WAITING) and not any(busy)

    await next(iter(lives.values())).until("nothing is on its way", quiet)
