"""Outreach: the buyer goes through a sequence there, and replies."""

from __future__ import annotations

from typing import Any

from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.second_deal import ADA


async def _reply(life: Life) -> None:
    async def enrolled() -> bool:
        return bool(await _states(life)) and bool(await life.done("enrol_contact", to="outreach"))

    await life.until("the buyer is in the sequence", enrolled)
    (state,) = await _states(life)
    await life.tool("outreach").change(do="reply", state=state["id"])
    await life.hears("outreach", "reply_received", "enrolment_ended")
    await life.deal.stage("talking")


async def _states(life: Life) -> list[dict[str, Any]]:
    held = await life.state("outreach")
    whose = [one["id"] for one in held["prospects"].values() if one["emails"] == [ADA]]
    return [one for one in held["states"].values() if one["prospect"] in whose]


async def _compare(life: Life) -> list[Line]:
    there, told = await _states(life), await life.told_by("outreach")
    return [
        Line("enrolments", len(await life.done("enrol_contact", to="outreach")), len(there)),
        Line("replies", told["reply_received"], sum(one["replies"] for one in there)),
        Line("that are over", told["enrolment_ended"], sum(one["state"] == "finished" for one in there)),
    ]


OUTREACH = Part(tool="outreach", does="sequences", acts={"answer": _reply}, compare=_compare, deal="second")
