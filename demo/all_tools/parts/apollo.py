"""Apollo: who will use it goes through a sequence there, to its end; Apollo tells nothing by itself, and is read."""

from __future__ import annotations

from typing import Any

from demo.all_tools.part import Life, Line, Part, read_beside
from demo.all_tools.parts.second_deal import UMA

_STEPS_LEFT = 3


async def _finish(life: Life) -> None:
    """Nobody has saved her in Apollo: Dealwright does, and puts her into the sequence."""

    async def enrolled() -> bool:
        return bool(await life.done("enrol_contact", to="apollo"))

    await life.until("the user is in the sequence", enrolled)
    await life.tool("apollo").change(do="advance", email=UMA)
    await read_beside(life.stack, "apollo")
    life.heard("apollo", "enrolment_advanced")
    for _ in range(_STEPS_LEFT):
        await life.tool("apollo").change(do="advance", email=UMA)
    await read_beside(life.stack, "apollo")
    await life.hears("apollo", "enrolment_ended")


async def _statuses(life: Life) -> list[dict[str, Any]]:
    contacts: Any = (await life.state("apollo"))["contacts"].values()
    return [status for one in contacts if one["email"] == UMA for status in one["statuses"]]


async def _compare(life: Life) -> list[Line]:
    there, told = await _statuses(life), await life.told_by("apollo")
    return [
        Line("enrolments", len(await life.done("enrol_contact", to="apollo")), len(there)),
        Line("that are over", told["enrolment_ended"], sum(one["status"] == "finished" for one in there)),
    ]


APOLLO = Part(tool="apollo", does="sequences, read", acts={"lead": _finish}, compare=_compare, deal="second")
