"""The demo: six deals, each on a clock of its own, told as they happen and counted at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from demo.director import Director
from demo.hubspot_count import count_hubspot
from demo.hubspot_people import HubSpotPeople
from demo.reconciliation import Reconciliation, reconcile
from demo.stories import discount_churned, from_hubspot, inbound_renewed, outbound_lost, outbound_silent, webhooks
from demo.story_printer import StoryPrinter
from local.stack import Stack

SIMULATED: Mapping[str, Mapping[str, str]] = MappingProxyType({"hubspot": {"calls_in_ten_seconds": "5000"}})
"""The tools that are simulated beside the deals. What people do in a year happens within seconds."""
Story = Callable[[Director], Awaitable[None]]

STORIES: Mapping[str, tuple[str, str, Story]] = MappingProxyType(
    {
        "a": ("acme", "inbound, won, onboarded, renewed", inbound_renewed.tell),
        "b": ("bolt", "outbound, replies at the third step, lost at proposal", outbound_lost.tell),
        "c": ("cask", "outbound, never replies", outbound_silent.tell),
        "d": ("dune", "unopened proposal, discount, late handoff, churned", discount_churned.tell),
        "e": ("echo", "driven by webhooks: repeated, out of order, broken; lost", webhooks.tell),
    }
)
"""Each story by its letter: the account, what happens, and how it is told."""
IN_HUBSPOT: tuple[str, str, Story] = ("f", "begun, worked and lost in HubSpot alone", from_hubspot.tell)
"""The story of a deal that HubSpot's webhook opens: its letter, what happens, and how it is told."""


async def run_demo(stack: Stack, console: Console) -> bool:
    """Take every deal through its life; print the stories, the mailboxes and the count. True when all is well."""
    if stack.skipper is None:
        raise TypeError("the demo's deals need clocks of their own")
    begun, skipper = time.monotonic(), stack.skipper
    stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    hubspot = stack.simulators["hubspot"]
    _, in_hubspot = await HubSpotPeople(hubspot).begin("Fern: team plan", amount="18000")
    ids = {letter: f"{account}-{stamp}" for letter, (account, _, _) in STORIES.items()} | {IN_HUBSPOT[0]: in_hubspot}
    directors = {
        letter: Director(letter, deal_id, stack.deals, skipper, stack.gateway_url, stack.simulators)
        for letter, deal_id in ids.items()
    }
    told = {letter: (what, tell) for letter, (_, what, tell) in STORIES.items()} | {IN_HUBSPOT[0]: IN_HUBSPOT[1:]}
    for letter, (what, _) in told.items():
        console.print(f"({letter}) {directors[letter].deal_id}: {what}", soft_wrap=True)
    earlier = len(stack.mailbox.messages())
    stories = [tell(directors[letter]) for letter, (_, tell) in told.items()]
    faults = await _tell_all(stack, directors, stories, console)
    counted = await reconcile(
        stack.store,
        stack.client,
        lambda: stack.mailbox.messages()[earlier:],
        [one.deal_id for one in directors.values()],
    )
    there = await count_hubspot(hubspot, stack.store, [*ids.values()], {in_hubspot: from_hubspot.TOLD})
    counted.faults[:0] = [*faults, *there.faults]
    _show_mailboxes(stack, earlier, console)
    console.print(
        f"HubSpot: {there.deals} deals and {there.tasks} tasks stand there, made in {there.calls} calls; "
        f"{there.told} things that people did there came back, each once",
        soft_wrap=True,
    )
    _show_count(counted, time.monotonic() - begun, console)
    return not counted.faults


async def _tell_all(
    stack: Stack, directors: Mapping[str, Director], stories: Sequence[Awaitable[None]], console: Console
) -> list[str]:
    done = asyncio.Event()
    letters = {director.deal_id: letter for letter, director in directors.items()}
    telling = asyncio.create_task(StoryPrinter(console, stack.store, letters).print_until(done))
    try:
        results = await asyncio.gather(*stories, return_exceptions=True)
    finally:
        done.set()
        await telling
    return [
        f"({letter}) {_words(r)}" for letter, r in zip(directors, results, strict=True) if isinstance(r, BaseException)
    ]


def _words(error: BaseException) -> str:
    return str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"


def _show_mailboxes(stack: Stack, earlier: int, console: Console) -> None:
    table = Table(
        Column("mailbox", overflow="fold"),
        "date (deal's)",
        "subject",
        title="What each mailbox received",
        title_justify="left",
        box=None,
    )
    letters = stack.mailbox.messages()[earlier:]
    for letter in sorted(letters, key=lambda one: (one.recipients, one.dated or one.arrived_at)):
        table.add_row(
            ", ".join(letter.recipients), f"{letter.dated:%d %b %Y %H:%M}" if letter.dated else "", letter.subject
        )
    console.print(table)


def _show_count(counted: Reconciliation, seconds: float, console: Console) -> None:
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(counted.by_kind.items()))
    console.print(f"{counted.effects} effects in the ledger: {kinds}")
    console.print(f"{counted.messages} messages in the mailboxes")
    console.print(
        f"{counted.runs} workflow runs replayed (a renewed deal goes on in a new one), {counted.events} events",
    )
    for fault in counted.faults:
        console.print(Text.assemble(("fault: ", "red"), fault), soft_wrap=True)
    verdict = ("The count does not agree.", "red") if counted.faults else ("Mailbox and ledger agree.", "green")
    console.print(Text.assemble(verdict, f" {seconds:.1f} s"))
