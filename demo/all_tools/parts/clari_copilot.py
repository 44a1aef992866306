"""Clari Copilot: one more call is recorded; it is read, since Copilot tells nothing by itself."""

from __future__ import annotations

from demo.all_tools.part import Life, Line, Part, read_beside
from demo.all_tools.parts.hubspot import CONTACT
from demo.hubspot_people import SAM


async def _record(life: Life) -> None:
    await life.tool("clari_copilot").change(do="record", emails=[CONTACT], ours=[SAM.email], minutes=4, minutes_ago=0)
    await read_beside(life.stack, "clari_copilot")
    life.heard("clari_copilot", "conversation_recorded")  # nothing waits for it: it is taken with what comes next


async def _compare(life: Life) -> list[Line]:
    there = (await life.state("clari_copilot"))["calls"]
    return [Line("recorded calls", (await life.told_by("clari_copilot"))["conversation_recorded"], len(there))]


CLARI_COPILOT = Part(
    tool="clari_copilot", does="recorded calls, read", acts={"conversation": _record}, compare=_compare
)
