"""Qwilr: the proposal of the second deal is a page, which the deal's own message brings, and the buyer accepts."""

from __future__ import annotations

from typing import Any

from demo.all_tools.part import Life, Line, Part
from demo.all_tools.parts.second_deal import ADA


async def _accept(life: Life) -> None:
    async def brought() -> bool:
        return bool(await life.done("send_email"))

    await life.until("the page was brought to the buyer", brought)
    life.heard("qwilr", "proposal_sent")  # which the publishing itself tells, and Qwilr's webhook not once more
    (page,) = await _pages(life)
    await life.tool("qwilr").change(do="view", page=page["id"])
    await life.hears("qwilr", "proposal_opened")
    await life.tool("qwilr").change(do="accept", page=page["id"], email=ADA)
    await life.hears("qwilr", "proposal_accepted")


async def _pages(life: Life) -> list[dict[str, Any]]:
    all_ = (await life.state("qwilr"))["pages"].values()
    return [one for one in all_ if one["metadata"].get("dealwright_deal") == life.deal.deal_id]


async def _compare(life: Life) -> list[Line]:
    pages, told = await _pages(life), await life.told_by("qwilr")
    own = f"{life.deal.deal_id}/"
    letters = [one for one in life.stack.mailbox.messages(ADA) if (one.effect or "").startswith(own)]
    return [
        Line("pages that went live", told["proposal_sent"], sum(one["settings"] for one in pages)),
        Line("proposals accepted", told["proposal_accepted"], sum(one["status"] == "accepted" for one in pages)),
        Line("messages with a link", len(await life.done("send_email")), len(letters)),
    ]


QWILR = Part(tool="qwilr", does="proposals as pages", acts={"proposal": _accept}, compare=_compare, deal="second")
