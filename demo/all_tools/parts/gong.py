"""Gong: the call is recorded, and what it suggests is accepted by a person and done."""

from __future__ import annotations

from dealwright.commands import AnswerSuggestion, CompleteTask
from dealwright.entries import SuggestionMade
from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.hubspot import CONTACT
from demo.hubspot_people import SAM

STEP = "Send the price list"


async def _record(life: Life) -> None:
    record = life.deal.deal_id.rpartition("-")[2]
    await life.tool("gong").change(
        do="record", title="Discovery", steps=[STEP], emails=[CONTACT], ours=[SAM.email], system="HubSpot",
        deals=[record], minutes=4, minutes_ago=0,
    )  # fmt: skip
    await life.hears("gong", "conversation_recorded", "next_step_suggested")
    seen = await life.deal.see(lambda seen: bool(seen.open_suggestions), "the next step is suggested")
    (asked,) = seen.open_suggestions
    await life.deal.command(AnswerSuggestion(by="Sam Holt", suggestion=asked.id, answer="accept"))
    seen = await life.deal.see(lambda seen: any(STEP in (t.title or "") for t in seen.open_tasks), "it is a task")
    (task,) = [one for one in seen.open_tasks if STEP in (one.title or "")]
    await life.deal.command(CompleteTask(by="Sam Holt", task=task.id))


async def _compare(life: Life) -> list[Line]:
    record = life.deal.deal_id.rpartition("-")[2]
    calls = [one for one in (await life.state("gong"))["calls"].values() if record in one["object_ids"]]
    suggested = [one.text for one in await life.story() if isinstance(one, SuggestionMade)]
    return [
        Line("recorded calls", (await life.told_by("gong"))["conversation_recorded"], len(calls)),
        Line("next steps", sorted(suggested), sorted(step for call in calls for step in call["steps"])),
    ]


GONG = Part(tool="gong", does="recorded calls", acts={"conversation": _record}, compare=_compare)
