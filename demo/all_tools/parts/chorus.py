"""Chorus: a conversation is recorded, of which its unsigned hook only hints."""

from __future__ import annotations

from dealwright.commands import AnswerSuggestion
from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.second_deal import ADA

STEP = "Send the security paper"


async def _record(life: Life) -> None:
    await life.tool("chorus").change(do="record", title="Demo", steps=[STEP], emails=[ADA], minutes=0)
    await life.hears("chorus", "conversation_recorded", "next_step_suggested")
    seen = await life.deal.see(lambda seen: bool(seen.open_suggestions), "the next step is suggested")
    for asked in seen.open_suggestions:
        await life.deal.command(AnswerSuggestion(by="Ana Reyes", suggestion=asked.id, answer="dismiss"))


async def _compare(life: Life) -> list[Line]:
    there = [one for one in (await life.state("chorus"))["conversations"].values() if ADA in _emails(one)]
    told = await life.told_by("chorus")
    return [
        Line("conversations", told["conversation_recorded"], len(there)),
        Line("next steps", told["next_step_suggested"], sum(len(one["steps"]) for one in there)),
    ]


def _emails(conversation: dict[str, list[dict[str, str]]]) -> set[str]:
    return {one.get("email", "") for one in conversation["participants"]}


CHORUS = Part(
    tool="chorus", does="recorded conversations", acts={"conversation": _record}, compare=_compare, deal="second"
)
