"""Salesloft: the champion goes through a cadence there, to its end."""

from __future__ import annotations

from typing import Any

from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.second_deal import CAM


async def _add(life: Life) -> None:
    """Somebody adds the champion: Dealwright enrols nobody whom Salesloft does not have."""
    await life.tool("salesloft").change(do="add_person", email=CAM, name="Cam Lund")


async def _finish(life: Life) -> None:
    async def enrolled() -> bool:
        return bool(await _memberships(life)) and bool(await life.done("enrol_contact", to="salesloft"))

    await life.until("the champion is in the cadence", enrolled)
    await life.tool("salesloft").change(do="advance", email=CAM)
    life.heard("salesloft", "enrolment_advanced", "enrolment_advanced")  # to the first step, and to the second
    await life.tool("salesloft").change(do="finish", email=CAM)
    await life.hears("salesloft", "enrolment_ended")


async def _memberships(life: Life) -> list[dict[str, Any]]:
    held = await life.state("salesloft")
    ids = {one["id"] for one in held["people"].values() if one["email"] == CAM}
    return [one for one in held["memberships"].values() if one["person"] in ids]


async def _compare(life: Life) -> list[Line]:
    there = await _memberships(life)
    ended = (await life.told_by("salesloft"))["enrolment_ended"]
    return [
        Line("enrolments", len(await life.done("enrol_contact", to="salesloft")), len(there)),
        Line("that are over", ended, sum(one["state"] == "completed" for one in there)),
    ]


SALESLOFT = Part(
    tool="salesloft", does="cadences", acts={"before": _add, "lead": _finish}, compare=_compare, deal="second"
)
