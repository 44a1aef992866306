"""The demo: eight deals, each on a clock of its own, told as they happen and counted at the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from rich.console import Console
from rich.text import Text

from demo.director import Director
from demo.hubspot_count import count_hubspot
from demo.hubspot_people import HubSpotPeople
from demo.reconciliation import reconcile
from demo.slack_count import count_slack, messages_in
from demo.stories import (
    committee,
    discount_churned,
    from_hubspot,
    inbound_renewed,
    not_now,
    outbound_lost,
    outbound_silent,
    webhooks,
)
from demo.story_printer import EACH_LINE, StoryPrinter
from demo.tables import show_mailboxes, show_slack
from local.stack import Stack
from store import work_messages

SIMULATED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"hubspot": {"calls_in_ten_seconds": "5000"}, "slack": {"calls_a_minute": "5000", "posts_a_second": "50"}}
)
"""The tools that are simulated beside the deals. What people do in a year happens within seconds."""
Story = Callable[[Director], Awaitable[None]]

STORIES: Mapping[str, tuple[str, str, Story]] = MappingProxyType(
    {
        "a": ("acme", "inbound, won, onboarded, renewed", inbound_renewed.tell),
        "b": ("bolt", "outbound, replies at the third step, lost at proposal", outbound_lost.tell),
        "c": ("cask", "outbound, never replies", outbound_silent.tell),
        "d": ("dune", "unopened proposal, discount, late handoff, churned", discount_churned.tell),
        "e": ("echo", "driven by webhooks: repeated, out of order, broken; lost", webhooks.tell),
        "g": ("gale", "a buying committee, terms granted side by side, completed", committee.tell),
        "h": ("hill", "not now, comes back on the day that was named, won", not_now.tell),
    }
)
"""Each story by its letter: the account, what happens, and how it is told."""
IN_HUBSPOT: tuple[str, str, Story] = (
    "f",
    "begun, worked and lost in HubSpot, taken over by a button in Slack",
    from_hubspot.tell,
)
"""The story of a deal that HubSpot's webhook opens: its letter, what happens, and how it is told."""
_ALL = 1000


@dataclass(frozen=True)
class _Begun:
    """When the demo began, and what was there already: data that is kept has that of earlier ones."""

    at: datetime
    letters: int
    in_slack: int


async def run_demo(stack: Stack, console: Console) -> bool:
    """Take every deal through its life; print the stories, what people got and the count. True when all is well."""
    if stack.skipper is None:
        raise TypeError("the demo's deals need clocks of their own")
    begun = _Begun(datetime.now(UTC), len(stack.mailbox.messages()), len(await messages_in(stack.simulators["slack"])))
    _, in_hubspot = await HubSpotPeople(stack.simulators["hubspot"]).begin("Fern: team plan", amount="18000")
    stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    ids = {letter: f"{account}-{stamp}" for letter, (account, _, _) in STORIES.items()} | {IN_HUBSPOT[0]: in_hubspot}
    directors = {
        letter: Director(letter, deal_id, stack.deals, stack.skipper, stack.gateway_url, stack.simulators)
        for letter, deal_id in ids.items()
    }
    told = {letter: (what, tell) for letter, (_, what, tell) in STORIES.items()} | {IN_HUBSPOT[0]: IN_HUBSPOT[1:]}
    for letter, (what, _) in sorted(told.items()):
        console.print(f"({letter}) {ids[letter]}: {what}", soft_wrap=True)
    console.print(EACH_LINE, soft_wrap=True)
    stories = [tell(directors[letter]) for letter, (_, tell) in told.items()]
    faults = await _tell_all(stack, directors, stories, console)
    faults += await _count(stack, begun, [*ids.values()], {in_hubspot: from_hubspot.TOLD}, console)
    for fault in faults:
        console.print(Text.assemble(("fault: ", "red"), fault), soft_wrap=True)
    verdict = ("The count does not agree.", "red") if faults else ("Mailbox, Slack, HubSpot and ledger agree.", "green")
    console.print(Text.assemble(verdict, f" {(datetime.now(UTC) - begun.at).total_seconds():.1f} s"))
    return not faults


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


async def _count(
    stack: Stack, begun: _Begun, deal_ids: Sequence[str], done_in_hubspot: Mapping[str, Counter[str]], console: Console
) -> list[str]:
    """Show what people received, and compare it with the ledger; returns what does not agree."""
    hubspot, slack, store = stack.simulators["hubspot"], stack.simulators["slack"], stack.store
    told = [one for one in await work_messages.recent(store, limit=_ALL) if one.planned_at >= begun.at]
    counted = await reconcile(store, stack.client, lambda: stack.mailbox.messages()[begun.letters :], deal_ids, told)
    crm = await count_hubspot(hubspot, store, deal_ids, done_in_hubspot)
    chat = await count_slack(slack, begun.in_slack, store, deal_ids, told)
    show_mailboxes(stack.mailbox.messages()[begun.letters :], console)
    show_slack(chat.messages, await slack.state(), console)
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(counted.by_kind.items()))
    came_back = f"{crm.told} things that people did there came back, each once"
    for line in (
        f"HubSpot: {crm.deals} deals and {crm.tasks} tasks, made in {crm.calls} calls; {came_back}",
        f"Slack: {chat.notices} notices, {chat.about_work} message about work; {chat.pressed} answer by a button",
        f"Mail: {counted.messages} messages, {counted.about_work} of which tell colleagues of their tasks",
        f"Ledger: {counted.effects} effects: {kinds}",
        f"{counted.runs} workflow runs replayed (a renewed deal goes on in a new one), {counted.events} events",
    ):
        console.print(line, soft_wrap=True)
    return [*crm.faults, *chat.faults, *counted.faults]
