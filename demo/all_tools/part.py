"""What a tool's part in the life is made of: what its people do in each phase, and how its books are compared."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import httpx2
from pydantic import JsonValue

from dealwright.contract import RECONCILE, ReconcileRequest
from dealwright.entries import EffectSettled, EffectStarted, Entry, FactTaken
from dealwright.identity import TASK_QUEUE
from demo.all_tools.around import Around
from demo.director import Director, StoryFailed
from integrations.kit.simulator.process import RunningSimulator
from integrations.kit.simulator.simulator import ConnectionExample
from integrations.kit.trusted_authorities import trusted_authorities
from integrations.registry import TOOLS
from local.mail_services import WebhookCall
from local.stack import Stack
from runtime.schedules import schedule_id
from store import journal, ledger
from store.ledger import LedgerRow

_CRMS = {"hubspot", "pipedrive"}
_LOOKS, _LOOK_EVERY = 800, 0.1
_PATIENCE = 30
PHASES = (
    "before", "lead", "answer", "meeting", "reminder", "conversation", "discount", "proposal", "contract",
    "first invoice", "usage", "renewal", "unpaid invoice",
)  # fmt: skip
"""A life from before its deal is opened to its end. Within a phase, tools act in the order in which they are listed."""


class Line(NamedTuple):
    """One thing that a deal and a tool both know."""

    what: str
    in_the_deal: object
    in_the_tool: object

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.in_the_deal == self.in_the_tool

    @property
    def says_something(self) -> bool:
        """Whether there is anything to agree about."""
        return bool(self.in_the_deal) or bool(self.in_the_tool)


@dataclass
class Life:
    """One deal that tools take part in."""

    deal: Director
    stack: Stack
    around: Around
    began: datetime
    """When the demo began (wall clock): data that is kept has more from earlier ones."""
    did: dict[str, Counter[str]] = field(default_factory=dict)
    """What people did in each source that the deal is to hear, by fact. What it hears beyond is an echo."""
    noted: dict[str, str] = field(default_factory=dict)
    """What a phase has to tell a later one: ids, days."""
    _written: dict[int, Entry] = field(default_factory=dict)
    """Of the story, what was read of the journal: it never changes."""

    def tool(self, name: str) -> RunningSimulator:
        """The tool, as it runs."""
        return self.stack.simulators[name]

    async def state(self, name: str) -> Any:  # noqa: ANN401 - each simulator has its own
        """Everything that the tool holds."""
        return await self.tool(name).state()

    def web(self, *, key: str | None = None) -> httpx2.AsyncClient:
        """A client of the gateway, with a key of its HTTP API or without."""
        headers = {} if key is None else {"X-API-Key": key}
        url = self.stack.gateway_url
        return httpx2.AsyncClient(base_url=url, timeout=_PATIENCE, headers=headers, verify=trusted_authorities())

    async def twice(self, call: WebhookCall) -> None:
        """Call the gateway's webhook, and once more, as a service does that heard no answer."""
        async with self.web() as web:
            for _ in range(2):
                answer = await web.post(f"/webhooks/{call.source}", content=call.body, headers=dict(call.headers))
                answer.raise_for_status()

    def heard(self, source: str, *facts: str) -> None:
        """Note what people did, as the deal is to hear it."""
        self.did.setdefault(source, Counter()).update(facts)

    async def hears(self, source: str, *facts: str) -> None:
        """Note what people did, and wait until the deal has heard all of it."""
        self.heard(source, *facts)

        async def told() -> bool:
            return (await self.told_by(source)) >= self.did[source]

        await self.until(f"the deal heard {', '.join(facts)} from {source}", told)

    async def told_by(self, source: str) -> Counter[str]:
        """What the deal heard from a source, by fact; but for what a CRM tells again of the deal's beginning."""
        facts = [one for one in await self.taken() if one.source == source]
        return Counter(one.fact for one in facts if source not in _CRMS or not one.late)

    async def taken(self) -> list[FactTaken]:
        """The facts that the deal took, in order."""
        return [entry for entry in await self.story() if isinstance(entry, FactTaken)]

    async def story(self) -> list[Entry]:
        """All that became of the deal, over all its terms: what is in the journal, and what is not in it yet."""
        written = await journal.story(self.stack.store, self.deal.deal_id)
        for row in written:
            if row.number not in self._written:
                self._written[row.number] = journal.ENTRY.validate_python(row.entry)
        newest = {one.number or 0: one for one in await self.deal.client.story(self.deal.deal_id)}
        both = self._written | newest
        return [both[number] for number in sorted(both)]

    async def written_down(self) -> None:
        """Wait until the journal has all that was decided; what became of an effect may wait for the next decision."""

        async def there() -> bool:
            newest = await self.deal.client.story(self.deal.deal_id)
            await self.story()
            return all(one.number in self._written for one in newest if not isinstance(one, EffectSettled))

        await self.until("its story is written down", there)

    async def done(self, kind: str, *, to: str = "") -> list[LedgerRow]:
        """The effects of a kind that were carried out, as the ledger says; ``to`` is in what the story calls them."""
        rows = [row for row in await ledger.of_deal(self.stack.store, self.deal.deal_id) if row.kind == kind]
        labels = {one.effect: one.label for one in await self.story() if isinstance(one, EffectStarted)}
        done = [row for row in rows if row.result is not None and row.result.status == "done"]
        return [row for row in done if to in labels.get(row.effect_id, "")]

    async def until(self, what: str, wanted: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so (wall clock, bounded).

        Raises:
            StoryFailed: it did not come.
        """
        for _ in range(_LOOKS):
            if await wanted():
                return
            await asyncio.sleep(_LOOK_EVERY)
        raise StoryFailed(f"{self.deal.letter}: looked in vain whether {what}")


async def read_beside(stack: Stack, *tools: str) -> None:
    """Read tools beside their webhooks now, as a Schedule does where deals live by the wall clock."""

    async def read(tool: str) -> None:
        source = TOOLS[tool].source or tool
        asked = ReconcileRequest(source=source)
        await stack.client.execute_workflow(RECONCILE, asked, id=schedule_id(source), task_queue=TASK_QUEUE)

    await asyncio.gather(*(read(tool) for tool in tools))


Which = Literal["first", "second", "third", "fourth"]
Act = Callable[[Life], Awaitable[None]]
Compare = Callable[[Life], Awaitable[list[Line]]]


@dataclass(frozen=True)
class Part:
    """A tool's part: one entry."""

    tool: str
    """As the registry calls it, if it is there."""
    does: str
    """What it is in the life."""
    acts: Mapping[str, Act]
    """What its people do, by phase."""
    compare: Compare
    """What the deal and the tool say of the same things, at the end."""
    deal: Which = "first"
    """Which deal goes through it, where two tools could play one part."""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What its simulator is started with: what people do in a year happens within seconds."""
    read_before: bool = True
    """Whether it is read before the deal begins; not where what is read is told once a day alone."""
    block: Mapping[str, JsonValue] = field(default_factory=lambda: MappingProxyType({}))
    """What its block in the connections file says besides."""
    source: str = ""
    """What the deal calls it, where that is something else."""
    secret: str = ""
    """What its webhooks are proven with, where no simulator says so."""
    connected: Callable[[Around], ConnectionExample] | None = None
    """How it is connected, where it has no simulator and is known only once it runs."""

    @property
    def told_as(self) -> str:
        """What the deal calls it."""
        return self.source or self.tool
