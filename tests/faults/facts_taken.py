"""How often a deal took each fact, by its journal and its present run."""

from __future__ import annotations

from collections import Counter

from dealwright.commands import Acknowledge
from dealwright.entries import FactTaken
from store import journal
from tests.faults.world import World


async def facts_taken(world: World, deal_id: str) -> Counter[str | None]:
    """How often the deal has taken each fact, once it has decided on all that it was told."""
    await world.deals.command(deal_id, Acknowledge(by="Ana", why="to see where it stands", point="nothing"))
    written = {line.number: line.entry for line in await journal.story(world.store, deal_id)}
    facts = {number: str(entry["id"]) for number, entry in written.items() if entry["kind"] == "fact_taken"}
    for entry in await world.deals.story(deal_id):
        if isinstance(entry, FactTaken) and entry.number is not None:
            facts[entry.number] = str(entry.id)
    return Counter(facts.values())
